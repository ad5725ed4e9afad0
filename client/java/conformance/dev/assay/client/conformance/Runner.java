package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.client.AssayClient;
import dev.assay.client.Event;
import dev.assay.client.StreamTuning;
import dev.assay.client.ValidateOptions;
import dev.assay.client.VerdictStream;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Puts the Java client to the conformance cases: a request in JSON a line on standard input, an
 * answer a line on standard output.
 */
public final class Runner {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Clients clients = new Clients();

  private Runner() {}

  /** Answers until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    Runner runner = new Runner();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.write(JSON.writeValueAsString(runner.answer(JSON.readTree(line))));
      out.newLine();
      out.flush();
    }
    runner.clients.close();
  }

  private ObjectNode answer(JsonNode request) {
    ObjectNode answer = JSON.createObjectNode();
    if (!request.path("leaks").asBoolean() && !request.path("fresh").asBoolean()) {
      call(() -> clients.get(request), request, answer);
      return answer;
    }
    // A client that is kept watches its server's health, and looks for one that has gone away: that
    // is not to be taken for something that this one leaves behind.
    clients.close();
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    call(() -> clients.fresh(request), request, answer);
    clients.closeFresh();
    if (request.path("leaks").asBoolean()) {
      ArrayNode leaks = answer.putArray("leaks");
      Threads.leftSince(before).forEach(leaks::add);
    }
    return answer;
  }

  /** Gives a client, which may fail. */
  private interface Source {
    AssayClient get();
  }

  private static void call(Source source, JsonNode request, ObjectNode answer) {
    try {
      AssayClient client = source.get();
      String call = request.path("call").asText();
      switch (call) {
        case "validate", "validateBatch", "validateStream" ->
            validate(client, call, request, answer);
        default -> Catalog.call(client, call, request, answer);
      }
    } catch (RuntimeException error) {
      answer.set("error", ErrorJson.of(error));
    }
  }

  private static void validate(
      AssayClient client, String call, JsonNode request, ObjectNode answer) {
    Iterator<Event> input = Reading.events(request);
    ValidateOptions options = Reading.options(request);
    try (Tally tally = new Tally(request, answer)) {
      switch (call) {
        case "validate" -> Singles.validate(client, request, input, options, tally);
        case "validateBatch" -> {
          List<Event> batch = new ArrayList<>();
          input.forEachRemaining(batch::add);
          client.validateBatch(batch, options).forEach(tally::add);
        }
        default -> {
          long cancelAfter = request.path("cancelAfter").asLong(Long.MAX_VALUE);
          StreamTuning tuning = Reading.tuning(request);
          try (VerdictStream verdicts = client.validateStream(input, options, tuning)) {
            while (tally.count() < cancelAfter && verdicts.hasNext()) {
              tally.add(verdicts.next());
            }
          }
        }
      }
    }
  }
}
