package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client can be made of, and what not. */
final class BuilderTest {
  private static String refused(AssayClientBuilder builder) {
    return assertThrows(IllegalArgumentException.class, builder::build).getMessage();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:50051",
        "LOCALHOST",
        "127.0.0.1:1",
        "127.8.9.1",
        "[::1]:1",
        "::1",
        "dns:///localhost:1",
        "dns:localhost:1",
        "unix:/run/assay.sock",
        "unix-abstract:assay"
      })
  void plainTextIsFineOnThisMachine(String address) {
    assertTrue(Addresses.areLocal(List.of(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "assay.example:50051",
        "10.0.0.1:1",
        "[::2]:1",
        "dns:///assay.example:1",
        "dns://localhost/assay.example:1",
        "localhost.example:1",
        "127.0.0.1.example",
        "1:50051",
        "xds:///localhost"
      })
  void plainTextToAnotherMachineHasToBeSaid(String address) {
    assertFalse(Addresses.areLocal(List.of(address)));
    assertFalse(Addresses.areLocal(List.of("localhost:1", address)));
    assertTrue(refused(AssayClient.builder(address)).contains("is not on this machine"));
    AssayClient.builder("assay.example:1").plaintext().build().close();
  }

  @Test
  void tlsAndPlainTextExcludeEachOther() {
    var builder = AssayClient.builder("localhost:1").tls(Tls.systemRoots()).plaintext();

    assertEquals("TLS and plain text exclude each other: choose one", refused(builder));
  }

  @Test
  void aListIsOfHostsWithPorts() {
    assertTrue(refused(AssayClient.builder("localhost:1", "localhost")).contains("host:port"));
    assertTrue(refused(AssayClient.builder("localhost:1", "localhost:0")).contains("host:port"));
    assertThrows(IllegalArgumentException.class, AssayClient::builder);
  }

  @Test
  void aCertificateThatIsNoneIsRefused() {
    byte[] nonsense = "nonsense".getBytes();
    assertThrows(UncheckedIOException.class, () -> Tls.trusting(Path.of("/there/is/none.pem")));
    var builder = AssayClient.builder("localhost:1").tls(Tls.trusting(nonsense));

    assertTrue(refused(builder).contains("certificate"), refused(builder));
  }

  @Test
  void aTokenThatNoHeaderCanCarryIsRefusedAndNotTold() {
    var builder = AssayClient.builder("localhost:1");

    var error = assertThrows(IllegalArgumentException.class, () -> builder.token("secret\n"));

    assertTrue(error.getMessage().contains("\"authorization\" holds something other"));
    assertFalse(error.getMessage().contains("secret"));
  }
}
