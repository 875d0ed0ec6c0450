package io.featurekv.loader.sort;

/** Where a row stands, in one long: 20 bits of source index, 44 bits of row number. */
public final class RowLocation {
  private static final int ROW_BITS = 44;
  private static final long ROW_MASK = (1L << ROW_BITS) - 1;

  private RowLocation() {}

  public static long of(int source, long row) {
    return (long) source << ROW_BITS | (row & ROW_MASK);
  }

  public static int source(long location) {
    return (int) (location >>> ROW_BITS);
  }

  public static long row(long location) {
    return location & ROW_MASK;
  }
}
