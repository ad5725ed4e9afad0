package dev.assay.client;

import io.grpc.Status;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call failed: something is wrong with the call itself, its caller, the server or the way there.
 *
 * <p>Subclasses are those that a caller may want to treat differently; {@link #code} and {@link
 * #reason} tell all of them apart. A call that was interrupted, or whose client is closed, has the
 * code CANCELLED; an interrupted thread stays interrupted.
 */
public class CallException extends AssayException {
  /** What a failed call has to tell. */
  record Failure(
      Status.Code code,
      String text,
      String reason,
      Map<String, String> metadata,
      Duration retryDelay,
      List<FieldViolation> violations)
      implements Serializable {
    Failure(Status.Code code, String text) {
      this(code, text, "", Map.of(), null, List.of());
    }

    Failure withText(String replacement) {
      return new Failure(code, replacement, reason, metadata, retryDelay, violations);
    }
  }

  private final Failure failure;

  CallException(Failure failure, Throwable cause) {
    super(describe(failure), cause);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }

  /** The status code. */
  public Status.Code code() {
    return failure.code();
  }

  /** The status message, for people. */
  public String text() {
    return failure.text();
  }

  /**
   * The name of an ErrorReason without its prefix, for example {@code OVERLOADED}; empty if the
   * failure did not come from an Assay server.
   */
  public String reason() {
    return failure.reason();
  }

  /** What the reason's documentation says goes with it, for example {@code event_type}. */
  public Map<String, String> metadata() {
    return failure.metadata();
  }

  /** How long the server asks to wait before the call is made again, if it says so. */
  public Optional<Duration> retryDelay() {
    return Optional.ofNullable(failure.retryDelay());
  }

  /** For a malformed request, what is wrong with which field. */
  public List<FieldViolation> violations() {
    return failure.violations();
  }

  /** Identifies the server's log entry for an internal error; empty for any other. */
  public String incident() {
    return metadata().getOrDefault("incident", "");
  }

  private static String describe(Failure failure) {
    StringBuilder text =
        new StringBuilder(failure.reason().isEmpty() ? failure.code().name() : failure.reason())
            .append(": ")
            .append(failure.text());
    for (FieldViolation violation : failure.violations()) {
      text.append("\n  ").append(violation.field()).append(": ").append(violation.description());
    }
    String incident = failure.metadata().get("incident");
    return incident == null ? text.toString() : text + " (incident " + incident + ")";
  }
}
