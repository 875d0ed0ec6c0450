package io.featurekv.loader.source;

import java.time.Duration;

/**
 * How much a server is borne with.
 *
 * @param silence how long it may take to answer, or to send something more
 * @param firstWait before the second attempt; each further one waits twice as long
 */
record HttpPatience(Duration silence, Duration firstWait) {
  static final HttpPatience DEFAULT =
      new HttpPatience(Duration.ofSeconds(30), Duration.ofMillis(250));
}
