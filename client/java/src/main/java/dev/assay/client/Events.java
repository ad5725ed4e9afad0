package dev.assay.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.assay.v1.EventProto;
import java.time.Instant;

/** From events as callers write them to messages. */
final class Events {
  private final Payloads payloads;

  Events(Payloads payloads) {
    this.payloads = payloads;
  }

  /** Returns the message for an event; throws {@link EncodingException} if it cannot be written. */
  EventProto.Event encode(Event event) {
    if (event == null) {
      throw new EncodingException("the event is null", null);
    }
    EventProto.Event.Builder message =
        EventProto.Event.newBuilder()
            .setEventType(text(event.eventType(), "event type"))
            .setEventId(text(event.eventId(), "event id"))
            .setContractVersion(text(event.contractVersion(), "contract version"));
    Object payload = event.payload();
    if (payload instanceof Struct struct) {
      message.setPayload(struct);
    } else if (payload instanceof ByteString bytes) {
      message.setPayloadJson(bytes);
    } else if (payload instanceof byte[] bytes) {
      message.setPayloadJson(ByteString.copyFrom(bytes));
    } else if (payload instanceof String json) {
      message.setPayloadJson(ByteString.copyFromUtf8(text(json, "payload")));
    } else if (payload != null) {
      message.setPayloadJson(payloads.json(payload));
    }
    if (event.timestamp() != null) {
      message.setTimestamp(event.timestamp());
    }
    return message.build();
  }

  /** Returns the message for the event at a position among several. */
  EventProto.Event encode(Event event, long position) {
    try {
      return encode(event);
    } catch (EncodingException error) {
      throw error.at(position);
    }
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static Instant instant(Timestamp message) {
    return Instant.ofEpochSecond(message.getSeconds(), message.getNanos());
  }

  /** Returns a text that has a UTF-8 form; Java's own conversion would put question marks in it. */
  private static String text(String text, String what) {
    for (int at = 0; at < text.length(); at++) {
      char unit = text.charAt(at);
      if (!Character.isSurrogate(unit)) {
        continue;
      }
      boolean paired =
          Character.isHighSurrogate(unit)
              && at + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(at + 1));
      if (!paired) {
        throw new EncodingException(
            "the " + what + " is not Unicode: half of a surrogate pair stands at " + at, null);
      }
      at++;
    }
    return text;
  }
}
