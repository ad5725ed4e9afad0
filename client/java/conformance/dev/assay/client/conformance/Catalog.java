package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.assay.client.AssayClient;
import dev.assay.client.Baseline;
import dev.assay.client.BaselineQuery;
import dev.assay.client.CheckDescription;
import dev.assay.client.Event;
import dev.assay.client.EventType;
import dev.assay.client.SkipReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The calls of the catalog, and what they answer, in protobuf's JSON. */
final class Catalog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Catalog() {}

  static void call(AssayClient client, String call, JsonNode request, ObjectNode answer) {
    Duration timeout =
        request.has("timeout") ? Reading.seconds(request.get("timeout")) : Duration.ofSeconds(10);
    String eventType = request.path("eventType").asText();
    switch (call) {
      case "listEventTypes" -> {
        List<EventType> found = client.listEventTypes(timeout);
        ArrayNode listed = answer.putArray("eventTypes");
        found.forEach(each -> listed.add(eventType(each)));
      }
      case "getEventType" -> {
        String version = request.path("contractVersion").asText();
        answer.set("eventType", eventType(client.getEventType(eventType, version, timeout)));
      }
      case "getBaseline" -> {
        BaselineQuery query =
            BaselineQuery.of(eventType, request.path("check").asText())
                .withField(request.path("field").asText())
                .withGroup(group(request.path("group")));
        answer.set("baseline", baseline(client.getBaseline(query, timeout)));
      }
      default -> throw new IllegalArgumentException("there is no call \"" + call + "\"");
    }
  }

  private static Map<String, String> group(JsonNode json) {
    Map<String, String> group = new HashMap<>();
    json.properties().forEach(each -> group.put(each.getKey(), each.getValue().asText()));
    return group;
  }

  private static ObjectNode eventType(EventType type) {
    ObjectNode json = JSON.createObjectNode();
    json.put("eventType", type.eventType());
    json.put("contractVersion", type.contractVersion());
    json.put("description", type.description());
    json.put("jsonSchema", type.jsonSchema());
    ArrayNode checks = json.putArray("checks");
    type.checks().forEach(check -> checks.add(check(check)));
    ArrayNode examples = json.putArray("examples");
    type.examples().forEach(example -> examples.add(example(example)));
    return json;
  }

  private static ObjectNode check(CheckDescription check) {
    ObjectNode json = JSON.createObjectNode().put("check", check.check());
    VerdictJson.putEnum(json, "layer", "LAYER_", check.layer());
    VerdictJson.putEnum(json, "enforcement", "ENFORCEMENT_", check.enforcement());
    json.put("field", check.field()).put("description", check.description());
    SkipReason notReady = check.notReady().orElse(SkipReason.UNSPECIFIED);
    VerdictJson.putEnum(json, "notReady", "SKIP_REASON_", notReady);
    return json;
  }

  private static ObjectNode example(Event event) {
    ObjectNode json = JSON.createObjectNode();
    json.put("eventId", event.eventId()).put("eventType", event.eventType());
    json.put("contractVersion", event.contractVersion());
    if (event.timestamp() != null) {
      var time = event.timestamp();
      json.put("timestamp", Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString());
    }
    if (event.payload() instanceof ByteString text) {
      json.put("payloadJson", text.toByteArray());
    } else if (event.payload() instanceof Struct struct) {
      try {
        json.set("payload", JSON.readTree(JsonFormat.printer().print(struct)));
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
    return json;
  }

  private static ObjectNode baseline(Baseline baseline) {
    ObjectNode json = JSON.createObjectNode();
    VerdictJson.putUnsigned(json, "sampleCount", baseline.sampleCount());
    VerdictJson.putDouble(json, "mean", baseline.mean());
    VerdictJson.putDouble(json, "standardDeviation", baseline.standardDeviation());
    VerdictJson.putDouble(json, "minimum", baseline.minimum());
    VerdictJson.putDouble(json, "maximum", baseline.maximum());
    ArrayNode quantiles = json.putArray("quantiles");
    for (var quantile : baseline.quantiles()) {
      ObjectNode each = quantiles.addObject();
      VerdictJson.putDouble(each, "rank", quantile.rank());
      VerdictJson.putDouble(each, "value", quantile.value());
    }
    ArrayNode categories = json.putArray("categories");
    for (var category : baseline.categories()) {
      ObjectNode each = categories.addObject().put("value", category.value());
      VerdictJson.putUnsigned(each, "count", category.count());
    }
    baseline.updatedAt().ifPresent(at -> json.put("updatedAt", at.toString()));
    return json;
  }
}
