package dev.assay.examples;

import dev.assay.client.AssayClient;
import dev.assay.client.Event;
import dev.assay.client.VerdictStream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * Checks payloads as they come in, one JSON object a line, and counts. The arguments are the
 * server's address and the event type.
 */
public final class ValidateMany {
  private ValidateMany() {}

  public static void main(String[] arguments) {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Stream<Event> events = in.lines().map(line -> Event.of(arguments[1], line));
    try (AssayClient client = AssayClient.builder(arguments[0]).build();
        VerdictStream verdicts = client.validateStream(events)) {
      long count = 0;
      long invalid = 0;
      while (verdicts.hasNext()) {
        if (!verdicts.next().valid()) {
          invalid++;
        }
        count++;
      }
      System.out.println(count + " events, " + invalid + " not valid");
    }
  }
}
