package dev.assay.client;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where servers are, as callers write it. */
final class Addresses {
  private static final Pattern SCHEME = Pattern.compile("(unix|unix-abstract|dns):(?<rest>.*)");
  private static final Pattern LOOPBACK =
      Pattern.compile("127(\\.\\d{1,3}){3}|(0*:){1,7}:?0*1|localhost");

  private Addresses() {}

  /** Returns the gRPC target for one address, or for a list of them. */
  static String target(List<String> addresses) {
    return addresses.size() == 1 ? addresses.get(0) : ServerList.target(addresses);
  }

  /** Whether all addresses stay on this machine: a Unix socket, or loopback. */
  static boolean areLocal(List<String> addresses) {
    return addresses.stream().allMatch(Addresses::isLocal);
  }

  private static boolean isLocal(String address) {
    Matcher scheme = SCHEME.matcher(address);
    if (!scheme.matches()) {
      return isLoopback(address);
    }
    if (scheme.group(1).startsWith("unix")) {
      return true;
    }
    String rest = scheme.group("rest");
    if (rest.startsWith("//")) { // A name server, then the name.
      rest = rest.substring(rest.indexOf('/', 2) + 1);
    }
    return Stream.of(rest.split(",")).allMatch(Addresses::isLoopback);
  }

  private static boolean isLoopback(String endpoint) {
    return LOOPBACK.matcher(host(endpoint).toLowerCase(Locale.ROOT)).matches();
  }

  /** Returns the host in "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address. */
  static String host(String endpoint) {
    if (endpoint.startsWith("[") && endpoint.contains("]")) {
      return endpoint.substring(1, endpoint.indexOf(']'));
    }
    int colon = endpoint.indexOf(':');
    return colon >= 0 && colon == endpoint.lastIndexOf(':')
        ? endpoint.substring(0, colon)
        : endpoint;
  }

  /** Returns the port in "host:port" or "[v6]:port"; throws if there is none. */
  static int port(String endpoint) {
    int colon = endpoint.lastIndexOf(':');
    try {
      int port = Integer.parseInt(endpoint.substring(colon + 1));
      if (colon > 0 && port > 0 && port < 1 << 16) {
        return port;
      }
    } catch (NumberFormatException error) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "\"" + endpoint + "\" is no address: write it as host:port, for example localhost:50051");
  }
}
