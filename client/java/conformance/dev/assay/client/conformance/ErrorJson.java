package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.client.CallException;

/** Exceptions as the conformance tests read them. */
final class ErrorJson {
  private ErrorJson() {}

  static ObjectNode of(RuntimeException error) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", error.getClass().getSimpleName());
    json.put("code", "");
    json.put("reason", "");
    ObjectNode metadata = json.putObject("metadata");
    json.putNull("retryDelay");
    ArrayNode violations = json.putArray("violations");
    json.put("message", error.getMessage());
    if (error instanceof CallException failed) {
      json.put("code", failed.code().name());
      json.put("reason", failed.reason());
      failed.metadata().forEach(metadata::put);
      failed.retryDelay().ifPresent(delay -> json.put("retryDelay", delay.toNanos() / 1e9));
      failed.violations().forEach(violation -> violations.add(violation.field()));
      json.put("message", failed.text());
    }
    return json;
  }
}
