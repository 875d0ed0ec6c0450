package io.featurekv.loader;

import io.featurekv.storage.EntryTotals;
import io.featurekv.storage.SealedShardFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one shard.
 *
 * @param file none in a dry run
 * @param entries keys with a value
 * @param deleted keys whose last row is a deletion; of an increment those are tombstones
 * @param tombstones in the file
 * @param bytes sum of the lengths of keys and values
 * @param parsedRows entries and deletions that the inputs' rows made
 * @param parsedSum of their checksums
 * @param droppedRows those that were left out on purpose: duplicates, and deletions of a full load
 * @param droppedSum of their checksums, and what an expiry that the table gives changed
 * @param rejected rows that were dropped as duplicates where those are errors, while merging
 * @param firstRejected the first of them in input order
 */
public record ShardOutcome(
    @Nullable SealedShardFile file,
    long entries,
    long deleted,
    long tombstones,
    long bytes,
    long parsedRows,
    long parsedSum,
    long droppedRows,
    long droppedSum,
    long rejected,
    List<Rejection> firstRejected) {
  public ShardOutcome {
    firstRejected = List.copyOf(firstRejected);
  }

  /** With its file. */
  ShardOutcome sealed(SealedShardFile sealed) {
    return new ShardOutcome(
        sealed,
        entries,
        deleted,
        tombstones,
        bytes,
        parsedRows,
        parsedSum,
        droppedRows,
        droppedSum,
        rejected,
        firstRejected);
  }

  /** What a reader has to find in the file. */
  EntryTotals expected() {
    return new EntryTotals(entries, tombstones, parsedSum - droppedSum);
  }
}
