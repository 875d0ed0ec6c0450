package io.featurekv.loader.sort;

import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.UncachedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A run in a file, which has nothing in it but the records, and zeros up to a whole block. It goes
 * around the page cache: it is written once and read once.
 */
public final class RunFile extends Run {
  private final Path path;
  private final UncachedFile file;
  private final EntryOrder order;
  private final Index index;

  /**
   * Where the records of a run lie.
   *
   * @param starts where each shard's part begins, and the length of the file at the end
   * @param counts records of each shard
   * @param marks positions at which a record begins, ascending, one every so often
   */
  public record Index(long[] starts, long[] counts, long[] marks) {
    /** The index of a file that holds the part of one shard only. */
    public static Index ofShard(int shard, int shards, long records, long lengthBytes) {
      long[] starts = new long[shards + 1];
      Arrays.fill(starts, shard + 1, shards + 1, lengthBytes);
      long[] counts = new long[shards];
      counts[shard] = records;
      return new Index(starts, counts, new long[0]);
    }

    /** Length of the file. */
    public long lengthBytes() {
      return starts[starts.length - 1];
    }
  }

  private RunFile(Path path, UncachedFile file, EntryOrder order, Index index) {
    this.path = path;
    this.file = file;
    this.order = order;
    this.index = index;
  }

  /**
   * A run that was written before, here or elsewhere.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT when it is shorter than its index says
   */
  public static RunFile open(Path path, EntryOrder order, Index index) {
    try {
      UncachedFile file = UncachedFile.open(path);
      long found = file.sizeBytes();
      if (found < index.lengthBytes()) {
        file.close();
        throw DiskFailure.cut(path, index.lengthBytes(), found);
      }
      return new RunFile(path, file, order, index);
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be opened", e);
    }
  }

  public Path path() {
    return path;
  }

  public Index index() {
    return index;
  }

  UncachedFile file() {
    return file;
  }

  @Override
  public long records(int shard) {
    return index.counts()[shard];
  }

  @Override
  StoredCursor cursor(int shard, int bufferBytes) {
    return cursor(index.starts()[shard], index.starts()[shard + 1], bufferBytes);
  }

  private StoredCursor cursor(long from, long to, int bufferBytes) {
    return new FileCursor(this, new KeyPrefix(order), from, to, bufferBytes);
  }

  @Override
  List<Supplier<RecordCursor>> places(int bufferBytes) {
    List<Supplier<RecordCursor>> places = new ArrayList<>();
    long[] starts = index.starts();
    long[] marks = index.marks();
    int mark = 0;
    for (int shard = 0; shard + 1 < starts.length; shard++) {
      long from = starts[shard];
      while (from < starts[shard + 1]) {
        while (mark < marks.length && marks[mark] <= from) {
          mark++;
        }
        long start = from;
        long end =
            mark < marks.length ? Math.min(marks[mark], starts[shard + 1]) : starts[shard + 1];
        places.add(() -> cursor(start, end, bufferBytes));
        from = end;
      }
    }
    return places;
  }

  /** Closes the file, which stays. Idempotent. */
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be closed", e);
    }
  }

  /** Closes and deletes the file. */
  public void delete() {
    close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be deleted", e);
    }
  }
}
