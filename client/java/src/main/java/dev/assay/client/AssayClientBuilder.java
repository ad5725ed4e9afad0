package dev.assay.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ManagedChannelRegistry;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Says where the server is, and how to talk to it; see {@link AssayClient#builder}. */
public final class AssayClientBuilder {
  /**
   * The largest response taken. Servers keep to a limit of their own, 4 MiB unless set otherwise.
   */
  private static final int MAX_RECEIVE_BYTES = 64 << 20;

  private final List<String> addresses;
  private final Metadata headers = new Metadata();
  private Tls tls;
  private boolean plaintext;
  private Duration timeout = Duration.ofSeconds(10);
  private Payloads payloads = Payloads.DEFAULT;
  private Consumer<ManagedChannelBuilder<?>> customizer = channel -> {};

  AssayClientBuilder(List<String> addresses) {
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("there is no address: give at least one, as host:port");
    }
    this.addresses = addresses;
  }

  /** How to encrypt, and whom to trust. */
  public AssayClientBuilder tls(Tls tls) {
    this.tls = Objects.requireNonNull(tls, "tls");
    return this;
  }

  /** Not to encrypt. Has to be said for any address that is not on this machine. */
  public AssayClientBuilder plaintext() {
    plaintext = true;
    return this;
  }

  /** Sends {@code authorization: Bearer} and the token with every call. */
  public AssayClientBuilder token(String token) {
    return header("authorization", "Bearer " + Objects.requireNonNull(token, "token"));
  }

  /**
   * Sends a header with every call.
   *
   * @throws IllegalArgumentException if the value holds anything but printable ASCII
   */
  public AssayClientBuilder header(String name, String value) {
    // gRPC would leave it out, and write it to the log; and it may be a secret.
    if (!value.chars().allMatch(unit -> unit >= ' ' && unit <= '~')) {
      throw new IllegalArgumentException(
          "the value of the header \""
              + name
              + "\" holds something other than printable ASCII, perhaps the end of a line");
    }
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return this;
  }

  /**
   * How long a call may take, streams excepted; 10 seconds if not said. While there is time left, a
   * call waits for a server to be there.
   */
  public AssayClientBuilder timeout(Duration timeout) {
    this.timeout = Objects.requireNonNull(timeout, "timeout");
    return this;
  }

  /** Lets a call take as long as it takes; it then fails at once where no server is there. */
  public AssayClientBuilder noTimeout() {
    timeout = null;
    return this;
  }

  /**
   * Writes payloads with a mapper of the caller's own. Decimals become text, and NaN is refused.
   */
  public AssayClientBuilder objectMapper(ObjectMapper mapper) {
    payloads = new Payloads(Objects.requireNonNull(mapper, "mapper"));
    return this;
  }

  /**
   * Changes what this client has chosen for the gRPC channel: interceptors, keepalive, and so on.
   */
  public AssayClientBuilder configureChannel(Consumer<ManagedChannelBuilder<?>> customizer) {
    this.customizer = this.customizer.andThen(customizer);
    return this;
  }

  /**
   * Returns the client. It connects when it is first used.
   *
   * @throws IllegalArgumentException if neither TLS nor plain text is chosen for an address that is
   *     not on this machine; if both are; or if a certificate or key is none
   */
  public AssayClient build() {
    ManagedChannelBuilder<?> channel =
        newChannel()
            .defaultServiceConfig(SERVICE_CONFIG)
            .maxInboundMessageSize(MAX_RECEIVE_BYTES)
            // A call that is larger would not be tried again.
            .perRpcBufferLimit(4 << 20)
            .userAgent("assay-java/" + Version.CURRENT)
            // Servers take pings no oftener than every five minutes, and close the connection
            // otherwise.
            .keepAliveTime(330, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            // Nothing that this client does when it is called back waits.
            .directExecutor();
    if (tls != null) {
      tls.serverName().ifPresent(channel::overrideAuthority);
    }
    EventLoops loops = EventLoops.of(channel, Addresses.target(addresses));
    customizer.accept(channel);
    Metadata sent = new Metadata();
    sent.merge(headers);
    Connection connection =
        new Connection(channel.build(), loops, sent, String.join(", ", addresses));
    return new AssayClient(connection, new Events(payloads), timeout);
  }

  private ManagedChannelBuilder<?> newChannel() {
    try {
      return Grpc.newChannelBuilder(Addresses.target(addresses), credentials());
    } catch (ManagedChannelRegistry.ProviderNotFoundException error) {
      throw new IllegalArgumentException(
          "no channel can be made: a certificate or key is not as it should be, or the address is"
              + " of a kind that gRPC does not know",
          error);
    }
  }

  private ChannelCredentials credentials() {
    if (tls != null && plaintext) {
      throw new IllegalArgumentException("TLS and plain text exclude each other: choose one");
    }
    if (tls == null) {
      if (!plaintext && !Addresses.areLocal(addresses)) {
        throw new IllegalArgumentException(
            String.join(", ", addresses)
                + " is not on this machine: call tls(Tls.systemRoots()), or tls(Tls.trusting(...)),"
                + " to encrypt, or plaintext() to send events and tokens unprotected");
      }
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    try {
      if (tls.authorities().isPresent()) {
        credentials.trustManager(new ByteArrayInputStream(tls.authorities().get()));
      }
      if (tls.certificateChain().isPresent()) {
        credentials.keyManager(
            new ByteArrayInputStream(tls.certificateChain().get()),
            new ByteArrayInputStream(tls.privateKey().orElseThrow()));
      }
    } catch (IOException error) {
      throw new IllegalArgumentException("a certificate or key cannot be read", error);
    }
    return credentials.build();
  }

  private static final Map<String, ?> SERVICE_CONFIG =
      Map.of(
          // One connection to every server behind the name, in turn, to those that say they are
          // serving; a server without the health service counts as serving.
          "loadBalancingConfig",
          List.of(Map.of("round_robin", Map.of())),
          "healthCheckConfig",
          Map.of("serviceName", ""),
          "methodConfig",
          List.of(
              Map.of(
                  // Streams are carried on by the client itself, from the first event without an
                  // answer.
                  "name",
                  List.of(
                      method("ValidationService", "Validate"),
                      method("ValidationService", "ValidateBatch"),
                      Map.of("service", "assay.v1.CatalogService")),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      4.0,
                      "initialBackoff",
                      "0.1s",
                      "maxBackoff",
                      "2s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE")))),
          // A server that fails half of what it gets is not sent everything four times.
          "retryThrottling",
          Map.of("maxTokens", 100.0, "tokenRatio", 0.5));

  private static Map<String, String> method(String service, String method) {
    return Map.of("service", "assay.v1." + service, "method", method);
  }
}
