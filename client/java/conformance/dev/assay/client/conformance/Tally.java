package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.client.Verdict;

/** Writes verdicts into an answer, as they come, and counts them. */
final class Tally implements AutoCloseable {
  private final ObjectNode answer;
  private final ArrayNode verdicts;
  private long count;
  private long validCount;
  private final long begun = System.nanoTime();

  Tally(JsonNode request, ObjectNode answer) {
    this.answer = answer;
    verdicts = request.path("brief").asBoolean() ? null : answer.putArray("verdicts");
  }

  long count() {
    return count;
  }

  void add(Verdict verdict) {
    count++;
    validCount += verdict.valid() ? 1 : 0;
    if (verdicts != null) {
      verdicts.add(VerdictJson.of(verdict));
    }
  }

  /** Writes the counts, of however many there were. */
  @Override
  public void close() {
    answer.put("count", count);
    answer.put("validCount", validCount);
    answer.put("seconds", (System.nanoTime() - begun) / 1e9);
  }
}
