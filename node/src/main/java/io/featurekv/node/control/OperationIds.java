package io.featurekv.node.control;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * Time-ordered operation ids: UUID version 7 (RFC 9562), 48 bits of milliseconds and 74 random
 * bits.
 */
public final class OperationIds {
  private static final SecureRandom RANDOM = new SecureRandom();

  private OperationIds() {}

  /** A fresh id. */
  public static String next() {
    long millis = System.currentTimeMillis();
    long high = (millis << 16) | 0x7000L | (RANDOM.nextLong() & 0x0FFFL);
    long low = (RANDOM.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }
}
