package io.featurekv.loader;

import io.featurekv.storage.SealedShardFile;
import java.util.List;

/**
 * What a build made: one file per shard, in order. {@code rows = entries + duplicates + rejected +
 * deleted}.
 *
 * @param files empty for a dry run
 * @param rows rows read, those rejected and deletions too
 * @param duplicates rows whose key a later row has too
 * @param deleted keys whose last row is a deletion
 * @param bytes sum of the lengths of the entries' keys and values
 * @param shards what became of each shard, in order
 * @param stages name, wall seconds and entries of each stage
 * @param firstRejected the first rejected rows, at most {@link #MAX_SHOWN_REJECTED}
 */
public record BuildResult(
    List<SealedShardFile> files,
    long rows,
    long entries,
    long rejected,
    long duplicates,
    long deleted,
    long bytes,
    List<ShardOutcome> shards,
    List<Stage> stages,
    List<RejectedRow> firstRejected) {
  /** How many rejected rows are kept for showing. */
  public static final int MAX_SHOWN_REJECTED = 10;

  /** One stage of the work. */
  public record Stage(String name, double seconds, long entries) {}

  /**
   * A row that was refused: where it stands ({@code row} counts lines, or rows for Parquet, from 1)
   * and why.
   */
  public record RejectedRow(String source, long row, String reason) {
    @Override
    public String toString() {
      return source + ":" + row + ": " + reason;
    }
  }

  public BuildResult {
    files = List.copyOf(files);
    shards = List.copyOf(shards);
    stages = List.copyOf(stages);
    firstRejected = List.copyOf(firstRejected);
  }
}
