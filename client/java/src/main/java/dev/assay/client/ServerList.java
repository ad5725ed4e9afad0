package dev.assay.client;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Resolves a list of "host:port", for which gRPC has no target of its own in Java. */
public final class ServerList extends NameResolverProvider {
  private static final String SCHEME = "assay-servers";

  /** Called by gRPC, which finds this class by its name. */
  public ServerList() {}

  /** Returns the target for a list; throws if an address is no "host:port". */
  static String target(List<String> addresses) {
    addresses.forEach(Addresses::port);
    try {
      return new URI(SCHEME, "", "/" + String.join(",", addresses), null).toString();
    } catch (URISyntaxException error) {
      throw new IllegalArgumentException("no list of addresses: " + addresses, error);
    }
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    return new Resolver(List.of(target.getPath().substring(1).split(",")), args);
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(InetSocketAddress.class);
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 4; // Below that of DNS, which resolves what has no scheme.
  }

  private static final class Resolver extends NameResolver {
    private final List<String> endpoints;
    private final Args args;
    private Listener2 listener;

    Resolver(List<String> endpoints, Args args) {
      this.endpoints = endpoints;
      this.args = args;
    }

    @Override
    public String getServiceAuthority() {
      return endpoints.get(0);
    }

    @Override
    public void start(Listener2 listener) {
      this.listener = listener;
      refresh();
    }

    @Override
    public void refresh() {
      args.getOffloadExecutor().execute(this::resolve);
    }

    private void resolve() {
      ResolutionResult.Builder result = ResolutionResult.newBuilder();
      try {
        result.setAddressesOrError(StatusOr.fromValue(groups()));
      } catch (UnknownHostException error) {
        String text = "no server in " + endpoints + " can be resolved";
        result.setAddressesOrError(
            StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(text).withCause(error)));
      }
      args.getSynchronizationContext().execute(() -> listener.onResult2(result.build()));
    }

    /** Returns a group for each server that has an address; throws if none has. */
    private List<EquivalentAddressGroup> groups() throws UnknownHostException {
      List<EquivalentAddressGroup> groups = new ArrayList<>();
      UnknownHostException last = null;
      for (String endpoint : endpoints) {
        // Each server's certificate is for its own name, not for the first one's.
        Attributes attributes =
            Attributes.newBuilder()
                .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, endpoint)
                .build();
        List<SocketAddress> addresses = new ArrayList<>();
        try {
          for (InetAddress address : InetAddress.getAllByName(Addresses.host(endpoint))) {
            addresses.add(new InetSocketAddress(address, Addresses.port(endpoint)));
          }
          groups.add(new EquivalentAddressGroup(addresses, attributes));
        } catch (UnknownHostException error) {
          last = error;
        }
      }
      if (groups.isEmpty()) {
        throw last;
      }
      return groups;
    }

    @Override
    public void shutdown() {}
  }
}
