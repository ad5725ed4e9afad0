package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that are killed in the middle of a stream, and the threads that are left of it: none. */
@Timeout(120)
final class LeftBehindTest {
  private static final StreamTuning PATIENT =
      StreamTuning.builder().maxEventsPerMessage(10).lookAhead(100).build();
  private static final StreamTuning FEW =
      StreamTuning.builder()
          .maxEventsPerMessage(10)
          .lookAhead(100)
          .maxAttempts(3)
          .maxBackoff(Duration.ofMillis(100))
          .build();

  private final List<Process> servers = new ArrayList<>();
  private Set<Thread> before;

  /** Starts a server that can be killed, and returns its address. */
  private String start(String name) throws IOException {
    String java = ProcessHandle.current().info().command().orElse("java");
    Process server =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ScriptedServer.class.getName(),
                name)
            .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
            .start();
    servers.add(server);
    var out =
        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    return "127.0.0.1:" + out.readLine();
  }

  /** Kills the server that has given a verdict. */
  private void kill(Verdict verdict) {
    boolean isFirst = verdict.contractVersion().endsWith("+first");
    servers.get(isFirst ? 0 : servers.size() - 1).destroyForcibly();
  }

  @BeforeEach
  void rememberThreads() {
    before = new HashSet<>(Thread.getAllStackTraces().keySet());
  }

  @AfterEach
  void noThreadIsLeft() throws InterruptedException {
    servers.forEach(Process::destroyForcibly);
    for (Process server : servers) {
      server.waitFor();
    }
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName();
      boolean ours = name.matches("(assay|grpc|globalEventExecutor)-.*");
      if (ours && !before.contains(thread)) {
        thread.join(TimeUnit.SECONDS.toMillis(30)); // gRPC keeps what clients share for a second.
        assertTrue(!thread.isAlive(), name + " is left");
      }
    }
  }

  @Test
  void aKilledServerIsReplacedByAnother() throws Exception {
    String[] addresses = {start("first"), start("second")};
    try (AssayClient client = AssayClient.builder(addresses).build();
        VerdictStream verdicts =
            client.validateStream(
                StreamsTest.numbered(2_000).iterator(), ValidateOptions.defaults(), PATIENT)) {
      Set<String> answered = new HashSet<>();
      for (int number = 0; number < 2_000; number++) {
        Verdict verdict = verdicts.next();
        assertEquals(String.valueOf(number), verdict.eventId());
        answered.add(verdict.contractVersion());
        if (number == 500) {
          kill(verdict);
        }
      }
      assertEquals(2, answered.size());
    }
  }

  @Test
  void aKilledServerWithoutAnotherIsOneClearException() throws Exception {
    try (AssayClient client = AssayClient.builder(start("first")).build();
        VerdictStream verdicts =
            client.validateStream(
                StreamsTest.numbered(1_000_000).iterator(), ValidateOptions.defaults(), FEW)) {
      kill(verdicts.next());

      var error =
          assertThrows(UnavailableException.class, () -> verdicts.forEachRemaining(verdict -> {}));

      assertTrue(error.text().contains("3 attempts in a row"), error.text());
    }
  }

  @Test
  void leavingInTheMiddleLeavesNothing() {
    CountDownLatch never = new CountDownLatch(1);
    try (ScriptedServer server = new ScriptedServer("a");
        AssayClient client = AssayClient.builder(server.address()).build()) {
      Stream<Event> blocking =
          Stream.concat(StreamsTest.numbered(50), Stream.generate(() -> await(never)));
      try (VerdictStream verdicts = client.validateStream(blocking)) {
        assertEquals("0", verdicts.next().eventId());
      }
      assertEquals("1", client.validateAsync(Event.of("type", "{}").withId("1")).join().eventId());
    }
  }

  private static Event await(CountDownLatch never) {
    try {
      never.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException("the input is not wanted any more", interrupted);
    }
    return null;
  }

  @Test
  void aClosedClientLeavesNothingOfItsStreams() {
    try (ScriptedServer server = new ScriptedServer("a")) {
      AssayClient client = AssayClient.builder(server.address()).build();
      VerdictStream verdicts = client.validateStream(StreamsTest.numbered(1_000_000));
      verdicts.next();

      client.close();

      assertThrows(CallException.class, () -> verdicts.forEachRemaining(verdict -> {}));
    }
  }
}
