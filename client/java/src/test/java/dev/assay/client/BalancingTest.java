package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which of several servers is asked. */
@Timeout(60)
final class BalancingTest {
  private static final Event EVENT = Event.of("type", "{}");

  private final ScriptedServer a = new ScriptedServer("a");
  private final ScriptedServer b = new ScriptedServer("b");
  private final AssayClient client = AssayClient.builder(a.address(), b.address()).build();

  @AfterEach
  void close() {
    client.close();
    a.close();
    b.close();
  }

  @Test
  void callsAreSpreadOverAllServers() {
    Set<String> versions = new HashSet<>();
    // One of them may still be being connected to.
    while (versions.size() < 2) {
      versions.add(client.validate(EVENT).contractVersion());
    }

    assertEquals(Set.of("1.0.0+a", "1.0.0+b"), versions);
  }

  @Test
  void aServerThatSaysItIsNotServingIsLeftAlone() {
    b.health.setStatus("", ServingStatus.NOT_SERVING);

    for (int call = 0; call < 50; call++) {
      assertEquals("1.0.0+a", client.validate(EVENT).contractVersion());
    }
    assertEquals(List.of(), b.headers);
  }

  @Test
  void aServerThatIsNotThereIsPassedOver() {
    b.close();

    for (int call = 0; call < 50; call++) {
      assertEquals("1.0.0+a", client.validate(EVENT).contractVersion());
    }
  }

  @Test
  void aLargeBatchIsTriedAgainToo() {
    Set<Object> refused = new HashSet<>();
    a.onCall = request -> refuseOnce(refused);
    b.onCall = request -> refuseOnce(refused);
    Event large = Event.of("type", new byte[1 << 20]);

    assertEquals(1, client.validateBatch(List.of(large)).size());
  }

  private static void refuseOnce(Set<Object> refused) {
    if (refused.add("once")) {
      throw ScriptedServer.draining();
    }
  }
}
