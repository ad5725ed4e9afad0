import dev.assay.client.AssayClient;
import dev.assay.client.Event;
import dev.assay.client.Verdict;
import dev.assay.client.VerdictStream;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Streams a thousand events. Its argument is the server's address: localhost:50051 without one. */
public final class Streaming {
  private static Event order(int items) {
    String id = "o-" + items;
    var order = Map.of("order_id", id, "email", "ada@example.com", "items", items, "total", 10);
    return Event.of("order.placed", order).withId(id).withTimestamp(Instant.now());
  }

  public static void main(String[] arguments) {
    String address = arguments.length > 0 ? arguments[0] : "localhost:50051";
    // Orders of 0 to 999 items. A stream may be endless, and so may an iterator.
    Stream<Event> orders = IntStream.range(0, 1000).mapToObj(Streaming::order);
    try (AssayClient client = AssayClient.builder(address).build();
        VerdictStream verdicts = client.validateStream(orders)) {
      int valid = 0;
      int all = 0;
      for (Verdict verdict : verdicts) {
        all++;
        valid += verdict.valid() ? 1 : 0;
      }
      System.out.println(valid + " of " + all + " are valid");
    }
  }
}
