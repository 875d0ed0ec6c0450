package io.featurekv.cli.bench;

/**
 * A fast generator of random numbers; not thread-safe. Steele, Lea, Flood: "Fast splittable
 * pseudorandom number generators", 2014.
 */
final class SplitMix64 {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1.0p-53;

  private long state;

  SplitMix64(long seed) {
    this.state = seed;
  }

  long nextLong() {
    state += GAMMA;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /** 0 to {@code bound - 1}; the bound is at most 2^40, so that the error stays below 2^-24. */
  long nextBelow(long bound) {
    return Math.unsignedMultiplyHigh(nextLong(), bound);
  }

  /** 0 up to, but without, 1. */
  double nextDouble() {
    return (nextLong() >>> 11) * UNIT;
  }
}
