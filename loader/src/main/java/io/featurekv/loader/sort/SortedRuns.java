package io.featurekv.loader.sort;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All runs of a build in input order: what any shard's file is made of. Different shards may be
 * read by different threads.
 */
public final class SortedRuns {
  private static final int MAX_READ_BUFFER_BYTES = 512 << 10;
  private static final int MAX_SAMPLE_READ_BYTES = 64 << 10;

  private final List<Run> runs;
  private final Duplicates duplicates;

  public SortedRuns(List<? extends Run> inInputOrder, Duplicates duplicates) {
    this.runs = List.copyOf(inInputOrder);
    this.duplicates = duplicates;
  }

  /**
   * The records of one shard, each key once; a second cursor of a shard counts duplicates again.
   *
   * @param memoryBytes for reading all runs; a floor of some pages a run holds in any case
   */
  public RecordCursor cursor(int shard, long memoryBytes) {
    int bufferBytes =
        (int)
            Math.clamp(
                memoryBytes / Math.max(1, runs.size()),
                FileCursor.MIN_BUFFER_BYTES,
                MAX_READ_BUFFER_BYTES);
    List<StoredCursor> cursors = new ArrayList<>();
    try {
      for (Run run : runs) {
        if (run.records(shard) > 0) {
          cursors.add(run.cursor(shard, bufferBytes));
        }
      }
      return cursors.isEmpty() ? EmptyCursor.INSTANCE : new MergeCursor(shard, cursors, duplicates);
    } catch (RuntimeException | Error e) {
      cursors.forEach(StoredCursor::close);
      throw e;
    }
  }

  /**
   * How many records the cursor of a shard will walk at most; so many exactly where no key is in
   * two runs.
   */
  public long records(int shard) {
    long sum = 0;
    for (Run run : runs) {
      sum += run.records(shard);
    }
    return sum;
  }

  /**
   * Values of records that lie side by side in one run, a sample of so many {@code neighbours}
   * each, from all over the table.
   *
   * @param maxBytes of all samples; a little more may come
   */
  public static List<byte[]> sampleValues(List<? extends Run> runs, int neighbours, long maxBytes) {
    List<Supplier<RecordCursor>> places = new ArrayList<>();
    for (Run run : runs) {
      places.addAll(run.places(MAX_SAMPLE_READ_BYTES));
    }
    return ValueSamples.of(places, neighbours, maxBytes);
  }
}
