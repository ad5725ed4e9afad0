package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import dev.assay.v1.ValidationServiceProto.ValidateRequest;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Unary calls: what is sent, what comes back, and how they fail. */
@Timeout(60)
final class CallsTest {
  private static final Event EVENT = Event.of("type", "{}").withId("1");
  private static final Event BAD = Event.of("type", "{\"text\":\"bad\"}").withId("2");

  private final ScriptedServer server = new ScriptedServer("a");
  private final AssayClient client =
      AssayClient.builder(server.address()).token("secret").header("team", "orders").build();
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void close() {
    released.countDown();
    client.close();
    server.close();
  }

  private void hold(Message request) {
    try {
      assertTrue(released.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String sent(Metadata headers, String name) {
    return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }

  @Test
  void oneEventGetsOneVerdict() throws Exception {
    assertTrue(client.validate(EVENT).valid());
    assertEquals("rules.not_bad", client.validate(BAD).findings().get(0).check());
    assertEquals("2", client.validateAsync(BAD).get().eventId());
  }

  @Test
  void everyCallHasItsHeadersAndADeadline() {
    client.validate(EVENT);

    Metadata headers = server.headers.get(0);
    assertEquals("Bearer secret", sent(headers, "authorization"));
    assertEquals("orders", sent(headers, "team"));
    assertTrue(sent(headers, "grpc-timeout") != null);
    assertTrue(sent(headers, "user-agent").startsWith("assay-java/"), "the user agent");
    assertFalse(sent(headers, "user-agent").contains("unknown"));
  }

  @Test
  void aBatchIsSplit() {
    List<Event> events = Collections.nCopies(2_500, EVENT);

    assertEquals(2_500, client.validateBatch(events).size());
    assertEquals(List.of(1_000, 1_000, 500), server.batches);
    assertEquals(List.of(), client.validateBatch(List.of()));
  }

  @Test
  void nothingIsSentOfABatchWithAnEventThatCannotBe() {
    Event none = Event.of("type", Map.of("a", Double.NaN));

    var error =
        assertThrows(EncodingException.class, () -> client.validateBatch(List.of(EVENT, none)));

    assertEquals(1, error.position().getAsLong());
    assertEquals(List.of(), server.batches);
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, MalformedRequestException",
    "NOT_FOUND, NotFoundException",
    "UNAUTHENTICATED, UnauthenticatedException",
    "PERMISSION_DENIED, PermissionDeniedException",
    "RESOURCE_EXHAUSTED, OverloadedException",
    "INTERNAL, InternalException",
    "UNIMPLEMENTED, CallException"
  })
  void everyFailureHasItsKindAndItsDetails(Status.Code code, String kind) {
    AtomicInteger calls = new AtomicInteger();
    var violations = BadRequest.newBuilder();
    violations.addFieldViolationsBuilder().setField("event.id").setDescription("too long");
    var retry = RetryInfo.newBuilder();
    retry.getRetryDelayBuilder().setNanos(250_000_000);
    server.onCall =
        request -> {
          calls.incrementAndGet();
          throw ScriptedServer.error(
              code, "OVERLOADED", Map.of("incident", "i-1"), violations.build(), retry.build());
        };

    CallException error = assertThrows(CallException.class, () -> client.validate(EVENT));

    assertEquals(kind, error.getClass().getSimpleName());
    assertEquals(code, error.code());
    assertEquals("OVERLOADED", error.reason());
    assertEquals(Map.of("incident", "i-1"), error.metadata());
    assertEquals(Optional.of(Duration.ofMillis(250)), error.retryDelay());
    assertEquals(List.of(new FieldViolation("event.id", "too long")), error.violations());
    assertEquals("OVERLOADED: told to\n  event.id: too long (incident i-1)", error.getMessage());
    assertEquals(1, calls.get());
  }

  @Test
  void aMessageAboveALimitIsNoOverload() {
    server.onCall =
        request -> {
          throw Status.RESOURCE_EXHAUSTED.withDescription("too large").asRuntimeException();
        };

    CallException error = assertThrows(CallException.class, () -> client.validate(EVENT));

    assertFalse(error instanceof OverloadedException);
    assertEquals("", error.reason());
  }

  @Test
  void anUnavailableServerIsAskedAgain() {
    AtomicInteger calls = new AtomicInteger();
    server.onCall =
        request -> {
          if (calls.incrementAndGet() < 3) {
            throw ScriptedServer.draining();
          }
        };

    assertTrue(client.validate(EVENT).valid());
    assertEquals(3, calls.get());
  }

  @Test
  void aServerThatStaysUnavailableIsGivenUp() {
    AtomicInteger calls = new AtomicInteger();
    server.onCall =
        request -> {
          calls.incrementAndGet();
          throw ScriptedServer.draining();
        };

    var error = assertThrows(UnavailableException.class, () -> client.validate(EVENT));

    assertEquals("DRAINING", error.reason());
    assertEquals(4, calls.get());
  }

  @Test
  void aCallEndsWhenItsTimeIsUp() {
    server.onCall = this::hold;
    var options = ValidateOptions.builder().timeout(Duration.ofMillis(50)).build();

    var error =
        assertThrows(DeadlineExceededException.class, () -> client.validate(EVENT, options));

    assertEquals(server.address() + " did not answer in time, or is not there", error.text());
  }

  @Test
  void aCallMayTakeForEver() {
    var options = ValidateOptions.builder().timeout(Duration.ofSeconds(Long.MAX_VALUE)).build();

    assertTrue(client.validate(EVENT, options).valid());
  }

  @Test
  void withoutAServerACallWaitsForItsTimeOrNotAtAll() {
    String nobody = server.address();
    server.close();
    try (AssayClient hurried = AssayClient.builder(nobody).timeout(Duration.ofMillis(50)).build();
        AssayClient unlimited = AssayClient.builder(nobody).noTimeout().build()) {
      assertThrows(DeadlineExceededException.class, () -> hurried.validate(EVENT));
      assertThrows(UnavailableException.class, () -> unlimited.validate(EVENT));
    }
  }

  @Test
  void cancellingAFutureCancelsItsCall() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    server.onCall =
        request -> {
          Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
          begun.countDown();
          hold(request);
        };
    CompletableFuture<Verdict> future = client.validateAsync(EVENT);
    assertTrue(begun.await(30, TimeUnit.SECONDS));

    assertTrue(future.cancel(true));

    assertThrows(CancellationException.class, future::join);
    assertTrue(cancelled.await(30, TimeUnit.SECONDS));
  }

  @Test
  void aFutureFailsAsACallDoes() {
    server.onCall =
        request -> {
          throw ScriptedServer.error(Status.Code.PERMISSION_DENIED, "PERMISSION_DENIED", Map.of());
        };
    Event none = Event.of("type", Map.of("a", Double.NaN));

    var denied = assertThrows(ExecutionException.class, () -> client.validateAsync(EVENT).get());
    var refused = assertThrows(ExecutionException.class, () -> client.validateAsync(none).get());

    assertInstanceOf(PermissionDeniedException.class, denied.getCause());
    assertInstanceOf(EncodingException.class, refused.getCause());
  }

  @Test
  void whatDependsOnAFutureDoesNotHoldUpTheTransport() {
    Verdict second = client.validateAsync(EVENT).thenApply(first -> client.validate(BAD)).join();

    assertEquals("2", second.eventId());
  }

  @Test
  void anInterruptedThreadStaysInterrupted() {
    server.onCall = this::hold;
    Thread.currentThread().interrupt();

    CallException error = assertThrows(CallException.class, () -> client.validate(EVENT));

    assertTrue(Thread.interrupted());
    assertEquals(Status.Code.CANCELLED, error.code());
  }

  @Test
  void aClosedClientSaysSo() {
    client.close();

    CallException error = assertThrows(CallException.class, () -> client.validate(EVENT));
    assertEquals("CANCELLED: the client is closed", error.getMessage());
    assertThrows(CallException.class, () -> client.validateStream(List.of(EVENT)).hasNext());
    assertTrue(client.validateAsync(EVENT).isCompletedExceptionally());
    client.close();
  }

  @Test
  void closingEndsACallUnderWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    server.onCall =
        request -> {
          begun.countDown();
          hold(request);
        };
    CompletableFuture<Verdict> future = client.validateAsync(EVENT);
    assertTrue(begun.await(30, TimeUnit.SECONDS));

    client.close();

    var error = assertThrows(ExecutionException.class, () -> future.get(30, TimeUnit.SECONDS));
    assertEquals("CANCELLED: the client is closed", error.getCause().getMessage());
  }

  @Test
  void optionsAreSentAsTheyAreChosen() throws Exception {
    CompletableFuture<Message> got = new CompletableFuture<>();
    server.onCall = got::complete;

    client.validate(
        EVENT, ValidateOptions.builder().dryRun(true).rejectFrom(Enforcement.of(9)).build());

    var options = ((ValidateRequest) got.get()).getOptions();
    assertTrue(options.getDryRun());
    assertFalse(options.getExplain());
    assertEquals(9, options.getRejectFromValue());
  }

  @Test
  void theCatalogIsReadPageByPage() {
    List<String> names = client.listEventTypes().stream().map(EventType::eventType).toList();

    assertEquals(List.of("type.0", "type.1", "type.2"), names);
  }

  @Test
  void anEventTypeIsDescribed() {
    EventType type = client.getEventType("type.7", "1.2");

    CheckDescription check = type.checks().get(0);
    assertEquals("1.2", type.contractVersion());
    assertEquals(Enforcement.of(7), check.enforcement());
    assertEquals(Optional.of(SkipReason.WARMING_UP), check.notReady());
    var error = assertThrows(NotFoundException.class, () -> client.getEventType("none"));
    assertEquals(Map.of("event_type", "none"), error.metadata());
  }

  @Test
  void aBaselineIsAskedForByCheckFieldAndGroup() {
    Instant at = Instant.ofEpochSecond(5);
    BaselineQuery query =
        BaselineQuery.of("type", "check").withField("/a").withGroup(Map.of("b", "c")).withAt(at);

    Baseline baseline = client.getBaseline(query);

    assertEquals(1, baseline.sampleCount());
    assertEquals(List.of(new Baseline.Category("/a", 2)), baseline.categories());
    assertEquals(List.of(new Baseline.Quantile(0.5, 3)), baseline.quantiles());
    assertEquals(Optional.of(at), baseline.updatedAt());
  }
}
