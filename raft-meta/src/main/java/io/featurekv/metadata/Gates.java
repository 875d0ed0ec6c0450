package io.featurekv.metadata;

import org.jspecify.annotations.Nullable;

/**
 * What an operator asks of every version of a table; null where it is not asked.
 *
 * @param maxShrink how much fewer the entries and the bytes may be than those of the version before
 * @param maxGrowth how much more they may be
 * @param maxRejected how many of all rows may be rejected, whatever a load allows itself
 * @param maxDuplicates how many of all rows may have the key of a later one
 */
public record Gates(
    @Nullable Share maxShrink,
    @Nullable Share maxGrowth,
    @Nullable Share maxRejected,
    @Nullable Share maxDuplicates) {
  /** Nothing is asked. */
  public static final Gates OFF = new Gates(null, null, null, null);
}
