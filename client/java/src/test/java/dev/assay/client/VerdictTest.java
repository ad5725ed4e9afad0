package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.assay.v1.VerdictProto;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What a verdict tells. */
final class VerdictTest {
  private static VerdictProto.Verdict.Builder valid() {
    return VerdictProto.Verdict.newBuilder().setEventId("1").setValid(true);
  }

  private static Verdict withFinding(int enforcement) {
    var message = valid();
    message
        .addFindingsBuilder()
        .setCheck("rules.a")
        .setField("/b")
        .setMessage("no b")
        .setLayerValue(99)
        .setEnforcementValue(enforcement);
    return new Verdict(message.build());
  }

  @Test
  void anUnknownEnforcementNeverReadsAsValid() {
    assertTrue(withFinding(2).valid());
    assertFalse(withFinding(0).valid());
    assertFalse(withFinding(4).valid());
    assertFalse(withFinding(-1).valid());
  }

  @Test
  void unknownNumbersAreKept() {
    Finding finding = withFinding(4).findings().get(0);

    assertEquals(4, finding.enforcement().number());
    assertEquals("UNKNOWN_4", finding.enforcement().name());
    assertFalse(finding.enforcement().isKnown());
    assertEquals(Layer.of(99), finding.layer());
    assertNotEquals(Layer.of(98), finding.layer());
    assertSame(Enforcement.REJECT, Enforcement.of(3));
    assertTrue(Enforcement.REJECT.compareTo(Enforcement.WARN) > 0);
    assertTrue(Enforcement.REJECT.isKnown());
    assertFalse(Enforcement.UNSPECIFIED.isKnown());
  }

  @Test
  void whoeverAsksForAnExceptionGetsOne() {
    Verdict verdict = withFinding(4);

    InvalidEventException error = assertThrows(InvalidEventException.class, verdict::orElseThrow);

    assertSame(verdict, error.verdict());
    assertEquals("event \"1\" is not valid\n  /b: no b [rules.a]", error.getMessage());
    Verdict fine = new Verdict(valid().build());
    assertSame(fine, fine.orElseThrow());
  }

  record Order(String sku, int quantity) {}

  @Test
  void theNormalizedPayloadIsReadAsAMapOrARecord() {
    ByteString json = ByteString.copyFromUtf8("{\"sku\":\"A1\",\"quantity\":18446744073709551616}");
    Verdict verdict = new Verdict(valid().setNormalizedPayloadJson(json).build());

    assertEquals(
        Map.of("sku", "A1", "quantity", new BigInteger("18446744073709551616")),
        verdict.normalized().orElseThrow());
    assertEquals(json, verdict.normalizedJson().orElseThrow());
    assertThrows(IllegalArgumentException.class, () -> verdict.normalized(Order.class));
    assertEquals(Optional.empty(), new Verdict(valid().build()).normalized());
  }

  @Test
  void aNormalizedStructHasWholeNumbers() {
    Struct struct =
        Struct.newBuilder()
            .putFields("sku", Value.newBuilder().setStringValue("A1").build())
            .putFields("quantity", Value.newBuilder().setNumberValue(2).build())
            .build();
    Verdict verdict = new Verdict(valid().setNormalizedPayload(struct).build());

    assertEquals(Map.of("sku", "A1", "quantity", 2L), verdict.normalized().orElseThrow());
    assertEquals(new Order("A1", 2), verdict.normalized(Order.class).orElseThrow());
    assertEquals(Optional.empty(), verdict.normalizedJson());
  }

  @Test
  void evidenceIsOfItsKind() {
    var message = valid();
    var finding = message.addFindingsBuilder().setEnforcementValue(2).setSkipReasonValue(1);
    finding.getEvidenceBuilder().getStatisticalBuilder().setExpected(2).putGroup("carrier", "UA");
    message
        .addExplanationsBuilder()
        .getEvidenceBuilder()
        .getAnomalyBuilder()
        .addContributionsBuilder();
    message.addExplanationsBuilder().getEvidenceBuilder();
    Verdict verdict = new Verdict(message.build());

    Finding found = verdict.findings().get(0);
    var statistical = (Evidence.Statistical) found.evidence().orElseThrow();
    var anomaly = (Evidence.Anomaly) verdict.explanations().get(0).evidence().orElseThrow();

    assertEquals(Optional.of(SkipReason.WARMING_UP), found.skipReason());
    assertEquals(OptionalDouble.empty(), statistical.observed());
    assertEquals(Map.of("carrier", "UA"), statistical.group());
    assertEquals(OptionalDouble.empty(), anomaly.contributions().get(0).value());
    assertEquals(Optional.empty(), verdict.explanations().get(1).evidence());
  }

  @Test
  void aVerdictIsAValue() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(withFinding(3));
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(withFinding(3), in.readObject());
    }
    assertEquals("Verdict[eventId=1, valid=true, findings=[rules.a]]", withFinding(3).toString());
  }
}
