package io.featurekv.model;

import java.util.ArrayList;
import java.util.List;

/** A host (name, IPv4, or IPv6 in brackets) and a TCP port, written {@code host:port}. */
public record Endpoint(String host, int port) {
  /**
   * Reads {@code host:port}.
   *
   * @throws FeatureKvException with {@link ErrorCode#INVALID_ARGUMENT} when it is anything else
   */
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = colon <= 0 ? -1 : Integer.parseInt(text.substring(colon + 1));
      if (port >= 0 && port <= 65535) {
        return new Endpoint(text.substring(0, colon), port);
      }
    } catch (NumberFormatException e) {
      // Falls through to the message below.
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT, "'" + text + "' is not an address of the form host:port");
  }

  /** Reads a comma-separated list. */
  public static List<Endpoint> parseList(String text) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      endpoints.add(parse(part.trim()));
    }
    return List.copyOf(endpoints);
  }

  /** The host without the brackets of IPv6, as sockets want it. */
  public String socketHost() {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
