package io.featurekv.loader.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a response sends whoever asks (RFC 9110, section 15.4).
 *
 * @param to the address to ask instead; null where it is not to be asked
 * @param refusal why not
 */
record HttpRedirect(@Nullable URI to, String refusal) {
  /** Most of them from an address to what is read. */
  static final int MAX_HOPS = 10;

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
      return refused("redirects from " + from + " without saying where to");
    }
    if (hops == MAX_HOPS) {
      return refused(
          "redirects more than "
              + MAX_HOPS
              + " times, which may have no end: last from "
              + from
              + " to "
              + location);
    }
    URI to;
    try {
      to = from.resolve(new URI(location));
    } catch (URISyntaxException e) {
      return refused("redirects from " + from + " to no address: " + e.getMessage());
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    if (to.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      return refused("redirects from " + from + " to " + to + ", which is no http address");
    }
    if (scheme.equals("http") && "https".equalsIgnoreCase(from.getScheme())) {
      return refused(
          "redirects from " + from + " to " + to + ", which is not followed from https to http");
    }
    return new HttpRedirect(to, "");
  }

  private static HttpRedirect refused(String why) {
    return new HttpRedirect(null, why);
  }
}
