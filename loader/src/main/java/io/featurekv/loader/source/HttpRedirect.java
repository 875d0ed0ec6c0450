package io.featurekv.loader.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Where a response sends whoever asks (RFC 9110, section 15.4). */
sealed interface HttpRedirect {
  /** Most of them from an address to what is read. */
  int MAX_HOPS = 10;

  /**
   * It is followed.
   *
   * @param to the address to ask instead
   */
  record Follow(URI to) implements HttpRedirect {}

  /**
   * It is not.
   *
   * @param why what the address that was named does, to be read after it
   */
  record Refused(String why) implements HttpRedirect {}

  /** Whether a status is one of a redirect that is followed. */
  static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  /**
   * Follows one.
   *
   * @param from the address that was asked
   * @param location what the response says, empty for nothing
   * @param hops how many were followed before it
   */
  static HttpRedirect of(URI from, String location, int hops) {
    if (location.isEmpty()) {
      return new Refused("redirects from " + from + " without saying where to");
    }
    if (hops == MAX_HOPS) {
      return new Refused(
          "redirects more than "
              + MAX_HOPS
              + " times, which may have no end: last from "
              + from
              + " to "
              + location);
    }
    URI to;
    try {
      to = resolve(from, location);
    } catch (URISyntaxException e) {
      return new Refused("redirects from " + from + " to no address: " + e.getMessage());
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    if (to.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      return new Refused("redirects from " + from + " to " + to + ", which is no http address");
    }
    if (scheme.equals("http") && "https".equalsIgnoreCase(from.getScheme())) {
      return new Refused(
          "redirects from " + from + " to " + to + ", which is not followed from https to http");
    }
    return new Follow(to);
  }

  /**
   * As RFC 3986, section 5.2.2, has it: a query alone keeps the path. {@link URI#resolve(URI)} goes
   * by RFC 2396 and would drop its last segment.
   */
  private static URI resolve(URI from, String location) throws URISyntaxException {
    if (location.startsWith("?")) {
      return new URI(
          from.getScheme() + "://" + from.getRawAuthority() + from.getRawPath() + location);
    }
    return from.resolve(new URI(location));
  }
}
