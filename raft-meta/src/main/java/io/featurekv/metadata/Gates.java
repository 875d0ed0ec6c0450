package io.featurekv.metadata;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asks of every version of a table; null or empty where it is not asked.
 *
 * @param maxShrink how much fewer the entries and the bytes may be than those of the version before
 * @param maxGrowth how much more they may be
 * @param maxRejected how many of all rows may be rejected, whatever a load allows itself
 * @param maxDuplicates how many of all rows may have the key of a later one
 * @param minOverlap how many of the keys must be in the version before
 * @param requiredColumns columns that every input must have, whatever entries are made of
 * @param goldenKeys keys of which it is known what every version must say
 */
public record Gates(
    @Nullable Share maxShrink,
    @Nullable Share maxGrowth,
    @Nullable Share maxRejected,
    @Nullable Share maxDuplicates,
    @Nullable Share minOverlap,
    List<String> requiredColumns,
    List<GoldenKey> goldenKeys) {
  /** Most columns that may be required. */
  public static final int MAX_COLUMNS = 256;

  /** Most golden keys of a table. */
  public static final int MAX_GOLDEN_KEYS = 64;

  /** Nothing is asked. */
  public static final Gates OFF = new Gates(null, null, null, null);

  public Gates {
    requiredColumns = List.copyOf(requiredColumns);
    goldenKeys = List.copyOf(goldenKeys);
  }

  /** What can be told by counting. */
  public Gates(
      @Nullable Share maxShrink,
      @Nullable Share maxGrowth,
      @Nullable Share maxRejected,
      @Nullable Share maxDuplicates) {
    this(maxShrink, maxGrowth, maxRejected, maxDuplicates, null, List.of(), List.of());
  }
}
