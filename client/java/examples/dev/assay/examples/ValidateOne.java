package dev.assay.examples;

import dev.assay.client.AssayClient;
import dev.assay.client.CallException;
import dev.assay.client.Event;
import dev.assay.client.Verdict;
import java.time.Duration;

/** Checks one event, and says what is wrong with it. The argument is the server's address. */
public final class ValidateOne {
  record User(String name, String email, int age) {}

  private ValidateOne() {}

  public static void main(String[] arguments) {
    String address = arguments.length > 0 ? arguments[0] : "localhost:50051";
    try (AssayClient client = AssayClient.builder(address).timeout(Duration.ofSeconds(5)).build()) {
      User user = new User("", "ada@example.com", 36);
      Verdict verdict = client.validate(Event.of("user.registered", user).withId("u-1"));
      System.out.println(verdict.eventId() + (verdict.valid() ? " is valid" : " is not valid"));
      verdict
          .findings()
          .forEach(
              finding ->
                  System.out.println(
                      finding.field() + " " + finding.check() + ": " + finding.message()));
    } catch (CallException error) {
      System.err.println("no answer: " + error.getMessage());
    }
  }
}
