package io.featurekv.loader;

import io.featurekv.loader.sort.RunFile;
import java.util.List;

/**
 * What became of a split that was read to its end.
 *
 * @param split its number
 * @param rows rows read
 * @param rejected how many of them were refused, duplicates that are errors among them
 * @param firstRejected the first of them in input order
 * @param parsed the entries and deletions that the rows made, by shard
 * @param dropped those of them that another row in the same run replaced or was rejected for
 * @param parts what was learnt of each part
 * @param startedAt where its first part really began
 * @param endedAt where whatever follows its last part has to begin
 * @param runs where its runs are, in input order; empty of those that are kept in memory
 */
public record SplitOutcome(
    int split,
    long rows,
    long rejected,
    List<Rejection> firstRejected,
    ShardTallies parsed,
    ShardTallies dropped,
    List<PartOutcome> parts,
    long startedAt,
    long endedAt,
    List<StoredRun> runs) {
  public SplitOutcome {
    firstRejected = List.copyOf(firstRejected);
    parts = List.copyOf(parts);
    runs = List.copyOf(runs);
  }

  /**
   * One part.
   *
   * @param spanned lines or rows it has, for the numbers of what follows
   * @param hasColumns whether some row had all columns that are needed
   * @param lacking what the message says where a row lacked one, else empty
   */
  public record PartOutcome(long spanned, boolean hasColumns, String lacking) {}

  /** A run by the name of its file in the directory of the build. */
  public record StoredRun(String file, RunFile.Index index) {}
}
