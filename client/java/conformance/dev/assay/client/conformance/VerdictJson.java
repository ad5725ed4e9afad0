package dev.assay.client.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.client.Evidence;
import dev.assay.client.Finding;
import dev.assay.client.OpenEnum;
import dev.assay.client.SkipReason;
import dev.assay.client.Verdict;
import java.util.Map;
import java.util.Optional;

/** Verdicts in the shape that protobuf's JSON gives them, from what their user sees. */
final class VerdictJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private VerdictJson() {}

  static ObjectNode of(Verdict verdict) {
    ObjectNode json = JSON.createObjectNode();
    json.put("eventId", verdict.eventId());
    json.put("valid", verdict.valid());
    json.put("processedAt", verdict.processedAt().toString());
    ArrayNode findings = json.putArray("findings");
    verdict.findings().forEach(finding -> findings.add(finding(finding)));
    json.put("omittedFindings", verdict.omittedFindings());
    ArrayNode skipped = json.putArray("skippedChecks");
    for (var check : verdict.skippedChecks()) {
      ObjectNode each = skipped.addObject().put("check", check.check()).put("field", check.field());
      putEnum(each, "reason", "SKIP_REASON_", check.reason());
      each.put("message", check.message());
    }
    if (verdict.normalizedJson().isPresent()) {
      json.put("normalizedPayloadJson", verdict.normalizedJson().get().toByteArray());
    } else if (verdict.normalized().isPresent()) {
      json.set("normalizedPayload", JSON.valueToTree(verdict.normalized().get()));
    }
    json.put("contractVersion", verdict.contractVersion());
    ArrayNode explanations = json.putArray("explanations");
    for (var explanation : verdict.explanations()) {
      ObjectNode each = explanations.addObject();
      each.put("check", explanation.check()).put("field", explanation.field());
      putEvidence(each, explanation.evidence());
    }
    json.put("detailsOmitted", verdict.detailsOmitted());
    return json;
  }

  private static ObjectNode finding(Finding finding) {
    ObjectNode json = JSON.createObjectNode().put("check", finding.check());
    putEnum(json, "layer", "LAYER_", finding.layer());
    putEnum(json, "enforcement", "ENFORCEMENT_", finding.enforcement());
    json.put("field", finding.field()).put("message", finding.message());
    putEvidence(json, finding.evidence());
    putEnum(
        json, "skipReason", "SKIP_REASON_", finding.skipReason().orElse(SkipReason.UNSPECIFIED));
    return json;
  }

  /** Writes an enum as protobuf does: a name, or the number where there is no name. */
  static void putEnum(ObjectNode json, String key, String prefix, OpenEnum<?> value) {
    if (value.isKnown() || value.number() == 0) {
      json.put(key, prefix + value.name());
    } else {
      json.put(key, value.number());
    }
  }

  private static void putEvidence(ObjectNode json, Optional<Evidence> evidence) {
    evidence.ifPresent(present -> put(json.putObject("evidence"), present));
  }

  private static void put(ObjectNode json, Evidence evidence) {
    if (evidence instanceof Evidence.Statistical statistical) {
      ObjectNode inner = json.putObject("statistical");
      statistical.observed().ifPresent(observed -> putDouble(inner, "observed", observed));
      putDouble(inner, "expected", statistical.expected());
      putDouble(inner, "deviation", statistical.deviation());
      putDouble(inner, "lower", statistical.lower());
      putDouble(inner, "upper", statistical.upper());
      putUnsigned(inner, "sampleCount", statistical.sampleCount());
      putGroup(inner, statistical.group());
    } else if (evidence instanceof Evidence.Categorical categorical) {
      ObjectNode inner = json.putObject("categorical").put("observed", categorical.observed());
      putUnsigned(inner, "count", categorical.count());
      putUnsigned(inner, "sampleCount", categorical.sampleCount());
      putGroup(inner, categorical.group());
    } else if (evidence instanceof Evidence.Anomaly anomaly) {
      ObjectNode inner = json.putObject("anomaly");
      putDouble(inner, "score", anomaly.score());
      putDouble(inner, "threshold", anomaly.threshold());
      putDouble(inner, "percentile", anomaly.percentile());
      inner.put("modelVersion", anomaly.modelVersion());
      putDouble(inner, "typicalScore", anomaly.typicalScore());
      ArrayNode contributions = inner.putArray("contributions");
      for (var contribution : anomaly.contributions()) {
        ObjectNode each = contributions.addObject().put("feature", contribution.feature());
        contribution.value().ifPresent(value -> putDouble(each, "value", value));
        putDouble(each, "amount", contribution.amount());
      }
    }
  }

  private static void putGroup(ObjectNode json, Map<String, String> group) {
    group.forEach(json.putObject("group")::put);
  }

  static void putDouble(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.put(key, String.valueOf(value));
    }
  }

  static void putUnsigned(ObjectNode json, String key, long value) {
    json.put(key, Long.toUnsignedString(value));
  }
}
