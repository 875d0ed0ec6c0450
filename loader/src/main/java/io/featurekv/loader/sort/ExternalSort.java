package io.featurekv.loader.sort;

import io.featurekv.loader.row.ByteSink;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sorts records by shard, and by {@link EntryOrder} in it, in bounded memory. While one buffer
 * fills, the other is sorted and written to a run by another thread; runs are merged so that no
 * more than {@link #MAX_RUNS} are read at once. What fits into one buffer never touches the disk.
 *
 * <p>Input order is the order of buffers, then of records in them: runs stay in that order, also
 * when neighbours are merged, so that it is always known which of two rows came later.
 *
 * <p>{@link #add} and {@link #finish} belong to one thread. After {@link #finish}, cursors of
 * different shards may be used by different threads.
 */
public final class ExternalSort implements AutoCloseable {
  /** Least memory that it works well with. */
  public static final long MIN_MEMORY_BYTES = 16L << 20;

  /** Most runs that one shard is merged from. */
  public static final int MAX_RUNS = 64;

  /** Threads that sort once reading is over; before that there is one buffer at a time to sort. */
  private static final int SORTERS = 2;

  private static final String RUN_PREFIX = "run-";
  private static final int MERGE_RUNS = 32;
  private static final int MAX_READ_BUFFER_BYTES = 1 << 20;
  private static final int MAX_SAMPLE_READ_BYTES = 64 << 10;

  private final Path directory;
  private final EntryOrder order;
  private final int shards;
  private final long memoryBytes;
  private final Duplicates duplicates;
  private final ExecutorService sorter;
  private final List<Run> runs = new ArrayList<>();
  private final AtomicLong sorted = new AtomicLong();
  private @Nullable SortBuffer active;
  private @Nullable SortBuffer spare;
  private @Nullable Future<SortBuffer> spilling;
  private int runNumber;
  private long added;
  private int readers = 1;

  /**
   * A sort that keeps its runs in {@code directory}, which it makes, empties and deletes.
   *
   * @param memoryBytes bound on buffers; a single record longer than a third of it comes on top
   */
  public ExternalSort(
      Path directory, EntryOrder order, int shards, long memoryBytes, Duplicates duplicates) {
    this.directory = directory;
    this.order = order;
    this.shards = shards;
    this.memoryBytes = memoryBytes;
    this.duplicates = duplicates;
    prepare(directory);
    // A daemon: it must not keep a process alive that gives up on a load.
    this.sorter =
        Executors.newFixedThreadPool(
            SORTERS, Thread.ofPlatform().daemon().name("featurekv-sort-", 0).factory());
    this.active = newBuffer();
  }

  /** A process that was killed may have left its runs. */
  private static void prepare(Path directory) {
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> stale = Files.newDirectoryStream(directory, RUN_PREFIX + "*")) {
        for (Path run : stale) {
          Files.delete(run);
        }
      }
    } catch (IOException e) {
      throw DiskFailure.of("directory of sorted runs " + directory + " cannot be prepared", e);
    }
  }

  private SortBuffer newBuffer() {
    return new SortBuffer(order, shards, memoryBytes * 3 / 8);
  }

  /** Records given so far. */
  public long added() {
    return added;
  }

  /** Records that are in order so far; may be asked by any thread. */
  public long sorted() {
    return sorted.get();
  }

  /**
   * Adds a record; waits where sorting is behind.
   *
   * @param hash {@link io.featurekv.model.KeyHash} of the key, which says its shard
   * @param expirySeconds as in {@link io.featurekv.storage.ShardWriter#put}
   */
  public void add(
      long hash, long location, boolean delete, ByteSink key, ByteSink value, int expirySeconds) {
    int valueLength = delete ? RecordLayout.DELETED : value.length();
    SortBuffer buffer = activeBuffer();
    if (!add(buffer, hash, location, key, value, valueLength, expirySeconds)) {
      buffer = spill(buffer);
      active = buffer;
      if (!add(buffer, hash, location, key, value, valueLength, expirySeconds)) {
        throw new AssertionError("an empty buffer takes any record");
      }
    }
    added++;
  }

  private static boolean add(
      SortBuffer buffer,
      long hash,
      long location,
      ByteSink key,
      ByteSink value,
      int valueLength,
      int expirySeconds) {
    return buffer.add(
        hash, location, key.array(), key.length(), value.array(), valueLength, expirySeconds);
  }

  private SortBuffer activeBuffer() {
    if (active == null) {
      throw new IllegalStateException("the sort is finished");
    }
    return active;
  }

  /** Sends a full buffer to the sorter; returns an empty one. */
  private SortBuffer spill(SortBuffer full) {
    SortBuffer empty = spare;
    spare = null;
    if (spilling != null) {
      empty = await(spilling);
    } else if (empty == null) {
      empty = newBuffer();
    }
    spilling = sorter.submit(() -> writeRun(full));
    return empty;
  }

  private SortBuffer writeRun(SortBuffer buffer) {
    int count = buffer.count();
    buffer.sort(duplicates);
    RunWriter writer = RunWriter.create(nextPath(), order, shards, 0);
    try {
      for (int shard = 0; shard < shards; shard++) {
        writer.writeShard(shard, buffer.cursor(shard));
      }
      runs.add(writer.finish());
    } catch (RuntimeException e) {
      writer.abandon();
      throw e;
    }
    buffer.clear();
    sorted.addAndGet(count);
    while (tailOfOneLevel() >= MERGE_RUNS) {
      mergeTail(MERGE_RUNS);
    }
    return buffer;
  }

  private Path nextPath() {
    return directory.resolve(RUN_PREFIX + runNumber++ + ".tmp");
  }

  /** How many of the newest runs have been merged equally often. */
  private int tailOfOneLevel() {
    int level = runs.getLast().level();
    int count = 0;
    while (count < runs.size() && runs.get(runs.size() - 1 - count).level() == level) {
      count++;
    }
    return count;
  }

  private void mergeTail(int count) {
    List<Run> tail = List.copyOf(runs.subList(runs.size() - count, runs.size()));
    int bufferBytes = bufferBytes(memoryBytes / 4, count);
    int level = tail.stream().mapToInt(Run::level).max().orElse(0) + 1;
    RunWriter writer = RunWriter.create(nextPath(), order, shards, level);
    try {
      for (int shard = 0; shard < shards; shard++) {
        writer.writeShard(shard, merge(tail, shard, bufferBytes));
      }
      Run merged = writer.finish();
      runs.subList(runs.size() - count, runs.size()).clear();
      runs.add(merged);
    } catch (RuntimeException e) {
      writer.abandon();
      throw e;
    }
    tail.forEach(Run::delete);
  }

  private RecordCursor merge(List<Run> from, int shard, int bufferBytes) {
    List<RecordCursor> cursors = new ArrayList<>(from.size());
    for (Run run : from) {
      cursors.add(run.cursor(shard, bufferBytes));
    }
    return new MergeCursor(cursors, duplicates);
  }

  private static int bufferBytes(long budgetBytes, int runCount) {
    return (int) Math.clamp(budgetBytes / Math.max(1, runCount), 4096, MAX_READ_BUFFER_BYTES);
  }

  /**
   * Ends adding and puts everything in order.
   *
   * @param readerThreads how many threads will read cursors at once
   */
  public void finish(int readerThreads) {
    readers = readerThreads;
    SortBuffer last = activeBuffer();
    if (spilling == null) {
      sortInMemory(last);
      return;
    }
    await(spilling);
    active = null;
    spare = null;
    spilling = null;
    await(
        sorter.submit(
            () -> {
              if (last.count() > 0) {
                writeRun(last);
              }
              while (runs.size() > MAX_RUNS) {
                mergeTail(MERGE_RUNS);
              }
              return last;
            }));
  }

  private void sortInMemory(SortBuffer buffer) {
    buffer.partition();
    AtomicInteger next = new AtomicInteger();
    List<Future<Integer>> workers = new ArrayList<>();
    for (int i = 0; i < SORTERS; i++) {
      workers.add(
          sorter.submit(
              () -> {
                int shard = next.getAndIncrement();
                while (shard < shards) {
                  buffer.sortShard(shard, duplicates);
                  shard = next.getAndIncrement();
                }
                return shard;
              }));
    }
    workers.forEach(ExternalSort::await);
    sorted.addAndGet(buffer.count());
  }

  /**
   * The records of one shard, each key once; a second cursor of a shard counts duplicates again.
   */
  public RecordCursor cursor(int shard) {
    SortBuffer buffer = active;
    if (buffer != null) {
      return buffer.cursor(shard);
    }
    return merge(runs, shard, bufferBytes(memoryBytes * 3 / 4 / readers, runs.size()));
  }

  /**
   * How many records the cursor of a shard will walk at most; so many exactly where no two rows
   * have one key.
   */
  public long records(int shard) {
    SortBuffer buffer = active;
    return buffer != null
        ? buffer.end(shard) - buffer.start(shard)
        : runs.stream().mapToLong(run -> run.counts()[shard]).sum();
  }

  /**
   * Values of records that lie side by side, a sample of so many {@code neighbours} each, from all
   * over the table. Of what was spilled they are neighbours in one run. Call it after {@link
   * #finish}.
   *
   * @param maxBytes of all samples; a little more may come
   */
  public List<byte[]> sampleValues(int neighbours, long maxBytes) {
    SortBuffer buffer = active;
    List<Supplier<RecordCursor>> places = new ArrayList<>();
    if (buffer != null) {
      places.addAll(buffer.places());
    }
    runs.forEach(run -> places.addAll(run.places(MAX_SAMPLE_READ_BYTES)));
    return ValueSamples.of(places, neighbours, maxBytes);
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the build was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FeatureKvException failure) {
        throw failure;
      }
      throw new IllegalStateException("sorting failed", e.getCause());
    }
  }

  /** Deletes the runs. */
  @Override
  public void close() {
    sorter.shutdownNow();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = sorter.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    runs.forEach(Run::delete);
    runs.clear();
    active = null;
    spare = null;
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw DiskFailure.of("directory of sorted runs " + directory + " cannot be deleted", e);
    }
  }
}
