package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.assay.v1.EventProto;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What events look like on the wire. */
final class EventsTest {
  private static final Events EVENTS = new Events(Payloads.DEFAULT);

  record Order(String sku, int quantity, Optional<String> note) {}

  enum Colour {
    RED
  }

  private static String written(Object payload) {
    return EVENTS.encode(Event.of("type", payload)).getPayloadJson().toStringUtf8();
  }

  private static EncodingException refused(Object payload) {
    return assertThrows(EncodingException.class, () -> written(payload));
  }

  @Test
  void jsonTextIsSentAsItIs() {
    String text = "{ \"a\" : NaN, \"ü\": 1.50 } not JSON";

    assertEquals(text, written(text));
    assertEquals(text, written(text.getBytes(StandardCharsets.UTF_8)));
    assertEquals(text, written(ByteString.copyFromUtf8(text)));
  }

  @Test
  void recordsAndMapsAreWrittenAsJson() {
    assertEquals(
        "{\"sku\":\"A1\",\"quantity\":2,\"note\":null}",
        written(new Order("A1", 2, Optional.empty())));
    assertEquals("{\"a\":[1,2],\"b\":{}}", written(ordered("a", List.of(1, 2), "b", Map.of())));
  }

  @Test
  void timesIdentifiersAndEnumsAreText() {
    var payload =
        ordered(
            "day", LocalDate.of(2026, 2, 3),
            "moment", Instant.ofEpochSecond(1, 500_000_000),
            "span", Duration.ofMinutes(90),
            "id", new UUID(1, 2),
            "colour", Colour.RED);

    assertEquals(
        "{\"day\":\"2026-02-03\",\"moment\":\"1970-01-01T00:00:01.500Z\",\"span\":\"PT1H30M\","
            + "\"id\":\"00000000-0000-0001-0000-000000000002\",\"colour\":\"RED\"}",
        written(payload));
  }

  @Test
  void numbersKeepTheirDigits() {
    var payload =
        ordered(
            "whole",
            new BigInteger("123456789012345678901234567890"),
            "exact",
            (1L << 53) + 1,
            "money",
            new BigDecimal("0.12345678901234567890"),
            "zero",
            -0.0,
            "huge",
            1e308,
            "tiny",
            Double.MIN_VALUE);

    assertEquals(
        "{\"whole\":123456789012345678901234567890,\"exact\":9007199254740993,"
            + "\"money\":\"0.12345678901234567890\",\"zero\":-0.0,\"huge\":1.0E308,\"tiny\":4.9E-324}",
        written(payload));
  }

  @Test
  void aTreeOfJsonKeepsItsNumbers() throws Exception {
    ObjectMapper mapper =
        new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    String text = "{\"a\":0.12345678901234567891}";

    assertEquals(text, written(mapper.readTree(text)));
  }

  @Test
  void whatJsonHasNoNumberForIsRefusedWithItsPlace() {
    var inside = Map.of("a", List.of(1, Map.of("b/c", Double.NaN)));

    assertTrue(refused(inside).problem().contains("NaN at /a/1/b~1c"), refused(inside).problem());
    assertTrue(refused(Map.of("a", Float.NEGATIVE_INFINITY)).problem().contains("-Infinity at /a"));
    assertTrue(refused(Map.of("a", new double[] {1, Double.NaN})).problem().contains("at /a/1"));
    assertTrue(refused(List.of(Double.NaN)).problem().contains("NaN at /0"));
    assertTrue(refused(Map.of("a", List.of(1, Double.NaN))).problem().contains("NaN at /a/1"));
    assertTrue(refused(Map.of("a", new float[] {Float.NaN})).problem().contains("NaN"));
  }

  @Test
  void whatHasNoFormInJsonIsRefused() {
    Map<String, Object> circular = new LinkedHashMap<>();
    circular.put("self", circular);

    assertTrue(refused(circular).problem().startsWith("the payload cannot be written as JSON"));
    assertTrue(refused(Map.of("thread", new Failing())).problem().contains("no text"));
    assertThrows(EncodingException.class, () -> EVENTS.encode((Event) null));
  }

  /** Cannot be written. */
  public static final class Failing {
    public String getText() {
      throw new IllegalStateException("no text");
    }
  }

  @Test
  void halfASurrogatePairInAValueIsLeftToTheServer() {
    assertEquals("{\"a\":\"\\uD800 ü\"}", written(Map.of("a", "\ud800 ü")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "a\udc00", "\udc00\ud800", "\ud800\ud800\udc00"})
  void halfASurrogatePairInATextIsRefused(String text) {
    assertTrue(refused("{\"a\": \"" + text + "\"}").problem().contains("not Unicode"));
    assertThrows(EncodingException.class, () -> EVENTS.encode(Event.of("type", null).withId(text)));
    assertThrows(EncodingException.class, () -> EVENTS.encode(Event.of(text, null)));
  }

  @Test
  void textBeyondTheBasicPlaneIsSent() {
    assertEquals("{\"a\":\"😀\"}", written("{\"a\":\"😀\"}"));
    assertEquals("{\"a\":\"\\uD83D\\uDE00\"}", written(Map.of("a", "😀")));
  }

  @Test
  void aStructTravelsAsSuch() {
    Struct struct =
        Struct.newBuilder()
            .putFields("a", Value.newBuilder().setNumberValue(Double.NaN).build())
            .build();

    EventProto.Event message = EVENTS.encode(Event.of("type", struct));

    assertEquals(struct, message.getPayload());
  }

  @Test
  void anEventKeepsEverythingElse() {
    Event event =
        Event.of("type", null).withId("1").withContractVersion("1.2").withTimestamp(Instant.EPOCH);

    EventProto.Event message = EVENTS.encode(event);

    assertEquals("type", message.getEventType());
    assertEquals("1", message.getEventId());
    assertEquals("1.2", message.getContractVersion());
    assertTrue(message.hasTimestamp());
    assertEquals(EventProto.Event.BodyCase.BODY_NOT_SET, message.getBodyCase());
    assertFalse(EVENTS.encode(Event.of("type", null)).hasTimestamp());
    Timestamp odd = Timestamp.newBuilder().setNanos(-1).build();
    assertEquals(odd, EVENTS.encode(event.withTimestamp(odd)).getTimestamp());
  }

  @Test
  void aMapperOfTheCallersOwnIsHeldToJsonToo() {
    Events events = new Events(new Payloads(new ObjectMapper()));
    var payload = Map.of("a", Double.NaN);

    assertThrows(EncodingException.class, () -> events.encode(Event.of("type", payload)));
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int at = 0; at < pairs.length; at += 2) {
      map.put((String) pairs[at], pairs[at + 1]);
    }
    return map;
  }

  @Test
  void thePositionOfAnEventIsInItsException() {
    List<Event> events = new ArrayList<>(List.of(Event.of("type", "{}")));
    events.add(Event.of("type", Map.of("a", Double.NaN)));

    EncodingException error =
        assertThrows(EncodingException.class, () -> EVENTS.encode(events.get(1), 1));

    assertEquals(1, error.position().getAsLong());
    assertTrue(error.getMessage().startsWith("event at position 1: the payload holds NaN at /a"));
  }
}
