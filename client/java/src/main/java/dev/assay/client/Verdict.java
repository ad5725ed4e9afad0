package dev.assay.client;

import com.google.protobuf.ByteString;
import dev.assay.v1.VerdictProto;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Assay's answer for one event. Made by the client; never changes.
 *
 * <p>Each property is read from the message that came in when it is asked for, so a verdict that is
 * only looked at for {@link #valid} costs next to nothing. A verdict from a batch or a stream is
 * held by its own message alone.
 */
public final class Verdict implements Serializable {
  private final VerdictProto.Verdict message;

  Verdict(VerdictProto.Verdict message) {
    this.message = message;
  }

  /** The event's own identifier. */
  public String eventId() {
    return message.getEventId();
  }

  /**
   * Whether the event is valid: no finding is at or above the call's {@code rejectFrom}.
   *
   * <p>False too if a finding has an enforcement that this client does not know. Read {@link
   * #skippedChecks} where a check that could not run matters: a valid event may not have been
   * checked completely.
   */
  public boolean valid() {
    if (!message.getValid()) {
      return false;
    }
    for (int at = 0; at < message.getFindingsCount(); at++) {
      if (!Enforcement.of(message.getFindings(at).getEnforcementValue()).isKnown()) {
        return false;
      }
    }
    return true;
  }

  /** When the verdict was reached, by the server's clock. */
  public Instant processedAt() {
    return Events.instant(message.getProcessedAt());
  }

  /** What the checks found, in the order of the layers and, within one, of the contract. */
  public List<Finding> findings() {
    return message.getFindingsList().stream().map(Finding::from).toList();
  }

  /** At least how many further findings were left out, at the server's cap or its size limit. */
  public int omittedFindings() {
    return message.getOmittedFindings();
  }

  /** The checks of the contract that could not run, and why. */
  public List<SkippedCheck> skippedChecks() {
    return message.getSkippedChecksList().stream().map(SkippedCheck::from).toList();
  }

  /**
   * The payload after defaults, coercion and transformations; read each time it is asked for. Empty
   * unless the call asked for it and the schema layer accepted the event.
   */
  public Optional<Map<String, Object>> normalized() {
    return switch (message.getNormalizedBodyCase()) {
      case NORMALIZED_PAYLOAD_JSON ->
          Optional.of(Payloads.DEFAULT.map(message.getNormalizedPayloadJson()));
      case NORMALIZED_PAYLOAD -> Optional.of(Payloads.map(message.getNormalizedPayload()));
      case NORMALIZEDBODY_NOT_SET -> Optional.empty();
    };
  }

  /**
   * As {@link #normalized()}, as a record or another class that Jackson can make.
   *
   * @throws IllegalArgumentException if the payload does not fit the class
   */
  public <T> Optional<T> normalized(Class<T> type) {
    return switch (message.getNormalizedBodyCase()) {
      case NORMALIZED_PAYLOAD_JSON ->
          Optional.of(Payloads.DEFAULT.read(message.getNormalizedPayloadJson(), type));
      case NORMALIZED_PAYLOAD ->
          Optional.of(Payloads.DEFAULT.read(message.getNormalizedPayload(), type));
      case NORMALIZEDBODY_NOT_SET -> Optional.empty();
    };
  }

  /**
   * As {@link #normalized()}, but the JSON text itself, to be passed on as it is; empty for an
   * event sent as a Struct.
   */
  public Optional<ByteString> normalizedJson() {
    return message.hasNormalizedPayloadJson()
        ? Optional.of(message.getNormalizedPayloadJson())
        : Optional.empty();
  }

  /** The contract that judged the event, for example "1.2.0+9f3a12c4"; empty if none did. */
  public String contractVersion() {
    return message.getContractVersion();
  }

  /** What each statistical and anomaly check saw; empty unless the call asked for it. */
  public List<Explanation> explanations() {
    return message.getExplanationsList().stream().map(Explanation::from).toList();
  }

  /** Whether details were left out because the response had reached the server's size limit. */
  public boolean detailsOmitted() {
    return message.getDetailsOmitted();
  }

  /**
   * Returns the verdict itself, so that calls chain.
   *
   * @throws InvalidEventException if the event is not valid
   */
  public Verdict orElseThrow() {
    if (!valid()) {
      throw new InvalidEventException(this);
    }
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Verdict that && message.equals(that.message);
  }

  @Override
  public int hashCode() {
    return message.hashCode();
  }

  @Override
  public String toString() {
    List<String> checks = findings().stream().map(Finding::check).toList();
    return "Verdict[eventId=" + eventId() + ", valid=" + valid() + ", findings=" + checks + "]";
  }
}
