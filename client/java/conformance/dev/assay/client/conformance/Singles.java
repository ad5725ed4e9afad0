package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.assay.client.AssayClient;
import dev.assay.client.Event;
import dev.assay.client.ValidateOptions;
import dev.assay.client.Verdict;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A call for each event: one after the other, or so many at a time. */
final class Singles {
  private Singles() {}

  static void validate(
      AssayClient client,
      JsonNode request,
      Iterator<Event> events,
      ValidateOptions options,
      Tally tally) {
    int concurrency = request.path("concurrency").asInt(1);
    if (concurrency == 1) {
      events.forEachRemaining(event -> tally.add(client.validate(event, options)));
      return;
    }
    Queue<CompletableFuture<Verdict>> pending = new ArrayDeque<>();
    while (events.hasNext()) {
      if (pending.size() == concurrency) {
        tally.add(answer(pending.remove()));
      }
      pending.add(client.validateAsync(events.next(), options));
    }
    pending.forEach(each -> tally.add(answer(each)));
  }

  private static Verdict answer(CompletableFuture<Verdict> future) {
    try {
      return future.join();
    } catch (CompletionException error) {
      throw error.getCause() instanceof RuntimeException cause ? cause : error;
    }
  }
}
