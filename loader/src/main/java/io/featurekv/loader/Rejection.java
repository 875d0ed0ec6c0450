package io.featurekv.loader;

import java.util.Comparator;

/**
 * A row that was refused.
 *
 * @param part number of the part among all parts of the build
 * @param row its line or row number within the part, from 1
 */
public record Rejection(int part, long row, String reason) {
  static final Comparator<Rejection> IN_INPUT_ORDER =
      Comparator.comparingInt(Rejection::part).thenComparingLong(Rejection::row);
}
