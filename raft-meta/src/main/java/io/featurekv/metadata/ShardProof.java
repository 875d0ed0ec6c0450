package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import java.util.OptionalLong;

/**
 * That a shard's file has exactly what was parsed for it, less what was dropped on purpose. The
 * sums are of the checksums of entries and tombstones, modulo 2^64, and do not depend on their
 * order; that of the manifest is read back from the sealed file.
 *
 * @param parsedRows entries and deletions that the parsers routed to the shard
 * @param parsedSum of their checksums
 * @param droppedRows rows that a later row of their key replaced, or that a full version does not
 *     keep because they are deletions
 * @param droppedSum of their checksums
 */
public record ShardProof(long parsedRows, long parsedSum, long droppedRows, long droppedSum) {
  /** Of a shard that was built by the cluster. */
  static ShardProof of(ShardTally parsed, ShardFigures figures) {
    return new ShardProof(parsed.rows(), parsed.sum(), figures.droppedRows(), figures.droppedSum());
  }

  /**
   * Refuses with CONFLICT a file that lost, doubled or changed a row, naming the shard and the
   * figures.
   *
   * @param version for the message
   */
  void check(String version, int shard, FileManifest manifest) {
    long kept = parsedRows - droppedRows;
    long rows = manifest.entries() + manifest.tombstones();
    if (rows != kept) {
      throw Step.conflict(
          "shard "
              + shard
              + " of "
              + version
              + " has "
              + rows
              + " entries and tombstones; "
              + parsedRows
              + " rows were parsed for it and "
              + droppedRows
              + " dropped on purpose, so it must have "
              + kept);
    }
    long sum = parsedSum - droppedSum;
    OptionalLong actual = manifest.entriesChecksum();
    if (actual.isEmpty() || actual.getAsLong() != sum) {
      throw Step.conflict(
          "shard "
              + shard
              + " of "
              + version
              + " has other entries than were parsed: their checksum must be "
              + Long.toHexString(sum)
              + " (parsed "
              + Long.toHexString(parsedSum)
              + " less dropped "
              + Long.toHexString(droppedSum)
              + "), and is "
              + (actual.isEmpty() ? "not known" : Long.toHexString(actual.getAsLong())));
    }
  }
}
