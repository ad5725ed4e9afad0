package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.assay.v1.ValidationServiceProto.ValidateStreamRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams: in order, nothing lost, nothing twice, whatever becomes of the servers. */
@Timeout(60)
final class StreamsTest {
  private static final ValidateOptions DEFAULTS = ValidateOptions.defaults();
  private static final StreamTuning TENS =
      StreamTuning.builder()
          .maxEventsPerMessage(10)
          .lookAhead(200)
          .maxDelay(Duration.ofMinutes(1))
          .maxAttempts(4)
          .initialBackoff(Duration.ofMillis(1))
          .build();

  private final ScriptedServer server = new ScriptedServer("a");
  private final AssayClient client = AssayClient.builder(server.address()).build();

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  static Stream<Event> numbered(int count) {
    return IntStream.range(0, count)
        .mapToObj(number -> Event.of("type", "{}").withId(String.valueOf(number)));
  }

  static List<Integer> upTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private VerdictStream stream(int count) {
    return client.validateStream(numbered(count).iterator(), DEFAULTS, TENS);
  }

  static List<Integer> numbers(VerdictStream verdicts) {
    List<Integer> numbers = new ArrayList<>();
    verdicts.forEach(verdict -> numbers.add(Integer.valueOf(verdict.eventId())));
    return numbers;
  }

  /** Ends every stream once, before the message of a number is answered. */
  private void endOnceAt(int message, RuntimeException error) {
    AtomicBoolean done = new AtomicBoolean();
    server.onMessage =
        request -> {
          if (request.getSequence() == message && done.compareAndSet(false, true)) {
            throw error;
          }
        };
  }

  @Test
  void everyEventGetsItsVerdictInOrder() {
    assertEquals(upTo(1_000), numbers(stream(1_000)));
    assertEquals(100, server.messages.size());
    assertEquals(List.of(), numbers(client.validateStream(List.<Event>of())));
  }

  @Test
  void anEventIsSentThoughNoOtherComes() {
    BlockingQueue<Event> queue = new LinkedBlockingQueue<>();
    Stream<Event> endless = Stream.generate(() -> take(queue));
    try (VerdictStream verdicts = client.validateStream(endless)) {
      for (int number = 0; number < 3; number++) {
        queue.add(Event.of("type", "{}").withId(String.valueOf(number)));
        assertEquals(String.valueOf(number), verdicts.next().eventId());
      }
    }
  }

  private static Event take(BlockingQueue<Event> queue) {
    try {
      return queue.take();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }

  @Test
  void aStreamIsCarriedOnFromTheFirstMessageWithoutAnAnswer() {
    endOnceAt(51, ScriptedServer.draining());

    assertEquals(upTo(1_000), numbers(stream(1_000)));

    List<Long> sequences =
        server.messages.stream().map(ValidateStreamRequest::getSequence).toList();
    assertEquals(101, sequences.size());
    assertEquals(List.of(51L, 51L), sequences.subList(50, 52));
  }

  @Test
  void anotherServerTakesOver() {
    try (ScriptedServer other = new ScriptedServer("b");
        AssayClient both = AssayClient.builder(server.address(), other.address()).build()) {
      AtomicInteger answered = new AtomicInteger();
      AtomicReference<ScriptedServer> leaving = new AtomicReference<>();
      for (ScriptedServer each : List.of(server, other)) {
        each.onMessage =
            request -> {
              if (answered.getAndIncrement() == 20) {
                leaving.set(each);
              }
              if (leaving.get() == each) {
                throw ScriptedServer.draining();
              }
            };
      }
      StreamTuning patient = StreamTuning.builder().maxEventsPerMessage(10).build();
      List<Integer> numbers = new ArrayList<>();
      Set<String> versions = new HashSet<>();
      for (Verdict verdict : both.validateStream(numbered(1_000).iterator(), DEFAULTS, patient)) {
        numbers.add(Integer.valueOf(verdict.eventId()));
        versions.add(verdict.contractVersion());
      }

      assertEquals(upTo(1_000), numbers);
      assertEquals(Set.of("1.0.0+a", "1.0.0+b"), versions);
    }
  }

  @Test
  void aServerThatAsksForTimeGetsIt() {
    endOnceAt(
        3,
        ScriptedServer.error(
            Status.Code.RESOURCE_EXHAUSTED,
            "OVERLOADED",
            Map.of(),
            com.google.rpc.RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder().setNanos(1))
                .build()));

    assertEquals(upTo(100), numbers(stream(100)));
  }

  @Test
  void aStreamThatGetsNoFurtherIsGivenUp() {
    server.onMessage =
        request -> {
          if (request.getSequence() == 3) {
            throw ScriptedServer.draining();
          }
        };
    VerdictStream verdicts = stream(100);
    for (int number = 0; number < 20; number++) {
      verdicts.next();
    }

    var error = assertThrows(UnavailableException.class, verdicts::hasNext);

    assertEquals("DRAINING", error.reason());
    assertTrue(error.text().contains("after 20 events were answered, and 4 attempts"));
  }

  @Test
  void whatNoOtherCallWouldHelpEndsTheStreamAfterItsVerdicts() {
    endOnceAt(3, ScriptedServer.error(Status.Code.INVALID_ARGUMENT, "MALFORMED_REQUEST", Map.of()));
    VerdictStream verdicts = stream(100);
    for (int number = 0; number < 20; number++) {
      verdicts.next();
    }

    assertThrows(MalformedRequestException.class, verdicts::next);
    assertEquals(1, server.headers.size());
  }

  @Test
  void aServerThatBreaksTheContractIsNotTrusted() {
    server.answer = request -> server.answer(request).toBuilder().clearVerdicts().build();

    var error = assertThrows(InternalException.class, () -> numbers(stream(100)));

    assertTrue(error.text().startsWith("the server broke the contract: 10 verdicts"));
  }

  @Test
  void whatTheInputThrowsComesAfterTheVerdictsBefore() {
    IllegalStateException broken = new IllegalStateException("the input is broken");
    Iterator<Event> input =
        Stream.concat(
                numbered(15),
                Stream.generate(
                    () -> {
                      throw broken;
                    }))
            .iterator();
    VerdictStream verdicts = client.validateStream(input, DEFAULTS, TENS);
    for (int number = 0; number < 15; number++) {
      verdicts.next();
    }

    assertSame(broken, assertThrows(IllegalStateException.class, verdicts::hasNext));
  }

  @Test
  void anEventThatCannotBeSentIsNamedByItsPosition() {
    Stream<Event> input =
        Stream.concat(numbered(15), Stream.of(Event.of("type", Map.of("a", Double.NaN))));
    VerdictStream verdicts = client.validateStream(input);
    for (int number = 0; number < 15; number++) {
      verdicts.next();
    }

    assertEquals(
        15, assertThrows(EncodingException.class, verdicts::hasNext).position().getAsLong());
  }

  @Test
  void theInputIsReadNoFurtherAheadThanAllowed() {
    AtomicInteger read = new AtomicInteger();
    Iterator<Event> input = numbered(10_000).peek(event -> read.incrementAndGet()).iterator();
    try (VerdictStream verdicts = client.validateStream(input, DEFAULTS, TENS)) {
      for (int taken = 1; taken <= 1_000; taken++) {
        verdicts.next();
        assertTrue(read.get() <= taken + 201, read + " are read when " + taken + " are taken");
      }
    }
  }

  @Test
  void leavingEarlyEndsTheInputAndTheCall() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    Stream<Event> input = numbered(1_000_000).onClose(closed::countDown);
    try (Stream<Verdict> verdicts = client.validateStream(input).stream()) {
      assertEquals(25, verdicts.limit(25).count());
    }

    assertTrue(closed.await(30, TimeUnit.SECONDS));
    assertTrue(server.streamCancelled.await(30, TimeUnit.SECONDS));
  }

  @Test
  void aStreamThatWasNeverReadClosesItsInput() {
    AtomicBoolean closed = new AtomicBoolean();
    client.validateStream(numbered(10).onClose(() -> closed.set(true))).close();

    assertTrue(closed.get());
    assertEquals(0, server.headers.size());
  }

  @Test
  void closingTheClientEndsStreamsThatWait() throws Exception {
    BlockingQueue<Event> queue = new LinkedBlockingQueue<>(numbered(1).toList());
    VerdictStream verdicts = client.validateStream(Stream.generate(() -> take(queue)));
    verdicts.next();
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(verdicts::hasNext);

    client.close();

    Throwable error = waiting.handle((next, thrown) -> thrown).get(30, TimeUnit.SECONDS);
    assertEquals("CANCELLED: the client is closed", error.getCause().getMessage());
  }

  @Test
  void anInterruptedReaderLeavesTheStream() {
    VerdictStream verdicts = stream(100);
    Thread.currentThread().interrupt();

    CallException error = assertThrows(CallException.class, verdicts::hasNext);

    assertTrue(Thread.interrupted());
    assertEquals(Status.Code.CANCELLED, error.code());
  }

  @Test
  void aStreamThatIsOverStaysSo() {
    VerdictStream verdicts = stream(1);

    verdicts.next();

    assertFalse(verdicts.hasNext());
    assertFalse(verdicts.hasNext());
    assertThrows(NoSuchElementException.class, verdicts::next);
  }

  @Test
  void aStreamHasNoTimeout() {
    var options = ValidateOptions.builder().timeout(Duration.ofSeconds(1)).build();
    Iterator<Event> input = numbered(1).iterator();

    assertThrows(IllegalArgumentException.class, () -> client.validateStream(input, options, TENS));
  }

  @Test
  void streamsShareAClient() {
    List<CompletableFuture<List<Integer>>> streams =
        IntStream.range(0, 8)
            .mapToObj(each -> CompletableFuture.supplyAsync(() -> numbers(stream(500))))
            .toList();

    streams.forEach(each -> assertEquals(upTo(500), each.join()));
  }
}
