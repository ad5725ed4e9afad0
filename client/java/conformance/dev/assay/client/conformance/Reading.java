package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.assay.client.Enforcement;
import dev.assay.client.Event;
import dev.assay.client.StreamTuning;
import dev.assay.client.ValidateOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** From a request's JSON to what the client takes. */
final class Reading {
  private Reading() {}

  /** Returns the events, repeated as often as the request asks. */
  static Iterator<Event> events(JsonNode request) {
    List<Event> once = new ArrayList<>();
    request.path("events").forEach(each -> once.add(event(each)));
    int repeat = request.path("repeat").asInt(1);
    return Collections.nCopies(repeat, once).stream().<Event>flatMap(List::stream).iterator();
  }

  private static Event event(JsonNode json) {
    Event event =
        Event.of(json.path("eventType").asText(), payload(json))
            .withId(json.path("eventId").asText())
            .withContractVersion(json.path("contractVersion").asText());
    JsonNode timestamp = json.get("timestamp");
    if (timestamp == null) {
      return event;
    }
    return event.withTimestamp(
        Timestamp.newBuilder()
            .setSeconds(timestamp.path("seconds").asLong())
            .setNanos(timestamp.path("nanos").asInt())
            .build());
  }

  private static Object payload(JsonNode json) {
    try {
      if (json.has("payloadJson")) {
        return json.get("payloadJson").binaryValue();
      }
      if (!json.has("payload")) {
        return null;
      }
      Struct.Builder struct = Struct.newBuilder();
      JsonFormat.parser().merge(json.get("payload").toString(), struct);
      return struct.build();
    } catch (InvalidProtocolBufferException error) {
      throw new IllegalArgumentException("the request's payload is no Struct", error);
    } catch (IOException error) {
      throw new UncheckedIOException("the request's payload is no base64", error);
    }
  }

  static ValidateOptions options(JsonNode request) {
    JsonNode json = request.path("options");
    ValidateOptions.Builder options =
        ValidateOptions.builder()
            .returnNormalized(json.path("returnNormalized").asBoolean())
            .explain(json.path("explain").asBoolean())
            .dryRun(json.path("dryRun").asBoolean())
            .reportFrom(Enforcement.of(json.path("reportFrom").asInt()))
            .rejectFrom(Enforcement.of(json.path("rejectFrom").asInt()));
    if (request.has("timeout") && !request.path("call").asText().equals("validateStream")) {
      options.timeout(seconds(request.get("timeout")));
    }
    return options.build();
  }

  static StreamTuning tuning(JsonNode request) {
    StreamTuning.Builder tuning = StreamTuning.builder();
    if (request.has("maxEventsPerMessage")) {
      tuning.maxEventsPerMessage(request.get("maxEventsPerMessage").asInt());
    }
    if (request.has("lookAhead")) {
      tuning.lookAhead(request.get("lookAhead").asInt());
    }
    if (request.has("maxAttempts")) {
      tuning.maxAttempts(request.get("maxAttempts").asInt());
    }
    return tuning.build();
  }

  static Duration seconds(JsonNode json) {
    return Duration.ofNanos(Math.round(json.asDouble() * 1e9));
  }

  /** Returns the addresses in a list such as "a:1,b:2". */
  static String[] addresses(JsonNode request) {
    return Stream.of(request.path("address").asText().split(",")).toArray(String[]::new);
  }
}
