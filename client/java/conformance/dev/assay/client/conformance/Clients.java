package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.assay.client.AssayClient;
import dev.assay.client.AssayClientBuilder;
import dev.assay.client.Tls;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The clients made so far, one for each way to make one. */
final class Clients {
  private final Map<String, AssayClient> kept = new HashMap<>();
  private AssayClient fresh;

  /** Returns the client that a request asks for, made at most once. */
  AssayClient get(JsonNode request) {
    String key = request.path("address") + " " + request.path("client");
    return kept.computeIfAbsent(key, ignored -> make(request));
  }

  /** Returns a client for one request. */
  AssayClient fresh(JsonNode request) {
    fresh = make(request);
    return fresh;
  }

  void closeFresh() {
    if (fresh != null) {
      fresh.close();
      fresh = null;
    }
  }

  void close() {
    kept.values().forEach(AssayClient::close);
    kept.clear();
  }

  private static AssayClient make(JsonNode request) {
    AssayClientBuilder builder = AssayClient.builder(Reading.addresses(request));
    JsonNode settings = request.path("client");
    if (settings.has("timeout")) {
      builder.timeout(Reading.seconds(settings.get("timeout")));
    }
    if (settings.has("token")) {
      builder.token(settings.get("token").asText());
    }
    if (settings.has("tls")) {
      builder.tls(tls(settings.get("tls")));
    }
    return builder.build();
  }

  private static Tls tls(JsonNode json) {
    Tls tls = json.has("ca") ? Tls.trusting(Path.of(json.get("ca").asText())) : Tls.systemRoots();
    if (json.has("certificate")) {
      tls =
          tls.withIdentity(
              Path.of(json.get("certificate").asText()), Path.of(json.get("key").asText()));
    }
    return json.has("serverName") ? tls.withServerName(json.get("serverName").asText()) : tls;
  }
}
