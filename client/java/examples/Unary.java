import com.fasterxml.jackson.annotation.JsonProperty;
import dev.assay.client.AssayClient;
import dev.assay.client.Event;
import dev.assay.client.Verdict;
import java.time.Duration;

/** Asks for one verdict. Its argument is the server's address: localhost:50051 without one. */
public final class Unary {
  record Order(
      @JsonProperty("order_id") String id, String email, int items, double total, double refund) {}

  public static void main(String[] arguments) {
    String address = arguments.length > 0 ? arguments[0] : "localhost:50051";
    try (AssayClient client = AssayClient.builder(address).timeout(Duration.ofSeconds(5)).build()) {
      Order order = new Order("o-1", "ada@example.com", 2, 10, 12);
      Verdict verdict = client.validate(Event.of("order.placed", order));
      System.out.println("valid: " + verdict.valid());
      for (var finding : verdict.findings()) {
        System.out.println(
            finding.check() + " " + finding.enforcement() + ": " + finding.message());
      }
    }
  }
}
