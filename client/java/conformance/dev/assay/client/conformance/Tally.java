package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.client.Verdict;

/** Writes verdicts into an answer, as they come, and counts them. */
final class Tally {
  private final ObjectNode answer;
  private final ArrayNode verdicts;
  private long count;
  private long validCount;

  Tally(JsonNode request, ObjectNode answer) {
    this.answer = answer;
    verdicts = request.path("brief").asBoolean() ? null : answer.putArray("verdicts");
    write();
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
    write();
  }

  private void write() {
    answer.put("count", count);
    answer.put("validCount", validCount);
  }
}
