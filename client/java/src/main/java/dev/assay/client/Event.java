package dev.assay.client;

import com.google.protobuf.Timestamp;
import dev.assay.v1.EventProto;
import java.time.Instant;
import java.util.Objects;

/**
 * One event to be checked: {@code Event.of("order.placed", order).withId("o-17")}.
 *
 * <p>The payload is the event's data, which is to be one JSON object:
 *
 * <ul>
 *   <li>JSON text, as a {@code byte[]}, a {@link com.google.protobuf.ByteString} or a {@link
 *       String}: sent as it is, for the server to judge;
 *   <li>a {@link java.util.Map}, a record, a {@code JsonNode} or any object, as Jackson writes it:
 *       dates and times as ISO 8601 text, {@link java.math.BigInteger} as a number, {@link
 *       java.math.BigDecimal} as text, which keeps every digit where a number would be read as a
 *       double;
 *   <li>a {@link com.google.protobuf.Struct}, which costs the server several times as much;
 *   <li>null, for which the server has a finding.
 * </ul>
 *
 * <p>It is written when the event is sent. An event made of something that changes meanwhile
 * changes with it.
 *
 * @param eventType which contract applies, for example {@code flight.arrived}
 * @param payload the event's data
 * @param timestamp when the event happened; null where that is not known
 * @param eventId the caller's own identifier, echoed on the verdict; may be empty
 * @param contractVersion "1.2.0", or the beginning of a version up to a dot; empty for the newest
 *     in service
 */
public record Event(
    String eventType, Object payload, Timestamp timestamp, String eventId, String contractVersion) {

  /** Refuses null where only the empty string makes sense. */
  public Event {
    Objects.requireNonNull(eventType, "eventType");
    Objects.requireNonNull(eventId, "eventId");
    Objects.requireNonNull(contractVersion, "contractVersion");
  }

  /** Returns an event of a type, with a payload. */
  public static Event of(String eventType, Object payload) {
    return new Event(eventType, payload, null, "", "");
  }

  /** Returns this event with an identifier. */
  public Event withId(String eventId) {
    return new Event(eventType, payload, timestamp, eventId, contractVersion);
  }

  /** Returns this event with the time at which it happened. */
  public Event withTimestamp(Instant timestamp) {
    return withTimestamp(Events.timestamp(timestamp));
  }

  /**
   * Returns this event with the time at which it happened, in whatever range: the server judges.
   */
  public Event withTimestamp(Timestamp timestamp) {
    return new Event(eventType, payload, timestamp, eventId, contractVersion);
  }

  /** Returns this event for a certain version of the contract. */
  public Event withContractVersion(String contractVersion) {
    return new Event(eventType, payload, timestamp, eventId, contractVersion);
  }

  static Event from(EventProto.Event message) {
    Object payload =
        switch (message.getBodyCase()) {
          case PAYLOAD -> message.getPayload();
          case PAYLOAD_JSON -> message.getPayloadJson();
          case BODY_NOT_SET -> null;
        };
    return new Event(
        message.getEventType(),
        payload,
        message.hasTimestamp() ? message.getTimestamp() : null,
        message.getEventId(),
        message.getContractVersion());
  }
}
