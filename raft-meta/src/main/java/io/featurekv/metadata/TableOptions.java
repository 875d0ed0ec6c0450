package io.featurekv.metadata;

import io.featurekv.model.Limits;

/**
 * What an operator sets on a table.
 *
 * @param shards shard count of the next full version
 * @param retain how many versions besides the active one stay readable, at least 1
 * @param versionTtlMillis age at which a retained version is collected, 0 for never
 * @param maxValueBytes longest value
 * @param activateWhen sects that must be complete before activation
 * @param blockEntries kind {@code blk}: entries of a block in the next version; of other kinds
 *     {@link Limits#DEFAULT_BLOCK_ENTRIES}, which means nothing
 * @param entryTtlMillis how long after it was built an entry of a later version expires, unless it
 *     has a time of its own; 0 for never
 * @param gates what every version must pass
 */
public record TableOptions(
    int shards,
    int retain,
    long versionTtlMillis,
    long maxValueBytes,
    ActivateWhen activateWhen,
    int blockEntries,
    long entryTtlMillis,
    Gates gates) {
  /** With defaults for what concerns some tables only. */
  public TableOptions(
      int shards,
      int retain,
      long versionTtlMillis,
      long maxValueBytes,
      ActivateWhen activateWhen) {
    this(
        shards,
        retain,
        versionTtlMillis,
        maxValueBytes,
        activateWhen,
        Limits.DEFAULT_BLOCK_ENTRIES,
        0,
        Gates.OFF);
  }

  /** With another shard count for the next full version. */
  public TableOptions withShards(int newShards) {
    return new TableOptions(
        newShards,
        retain,
        versionTtlMillis,
        maxValueBytes,
        activateWhen,
        blockEntries,
        entryTtlMillis,
        gates);
  }

  /** With other gates. */
  public TableOptions withGates(Gates newGates) {
    return new TableOptions(
        shards,
        retain,
        versionTtlMillis,
        maxValueBytes,
        activateWhen,
        blockEntries,
        entryTtlMillis,
        newGates);
  }
}
