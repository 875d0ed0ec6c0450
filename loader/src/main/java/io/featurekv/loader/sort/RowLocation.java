package io.featurekv.loader.sort;

/** Where a row stands, in one long: 24 bits of part, 40 bits of the row's number within it. */
public final class RowLocation {
  /** Most parts of one build. */
  public static final int MAX_PARTS = 1 << 24;

  private static final int ROW_BITS = 40;
  private static final long ROW_MASK = (1L << ROW_BITS) - 1;

  private RowLocation() {}

  public static long of(int part, long row) {
    return (long) part << ROW_BITS | (row & ROW_MASK);
  }

  public static int part(long location) {
    return (int) (location >>> ROW_BITS);
  }

  public static long row(long location) {
    return location & ROW_MASK;
  }
}
