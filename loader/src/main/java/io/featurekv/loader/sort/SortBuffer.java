package io.featurekv.loader.sort;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.NativeMemory;
import io.featurekv.storage.VirtualMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Records in memory outside the heap, sorted by shard and by {@link EntryOrder} in it once it is
 * full.
 *
 * <p>Invariants: records of a shard lie in {@link ShardChunks}, in the order they came; entry i of
 * the index says what orders record i before its key does, and in one word its shard ({@link
 * #SHARD_BITS}, high) and where it lies. After {@link #sort} the index is in order, each key once,
 * and {@code starts} and {@code ends} bound each shard's part of it.
 *
 * <p>Takes no more than its budget, but for one record that is longer than that. Memory is resident
 * as it is filled, and stays so until {@link #close}. One thread at a time.
 */
public final class SortBuffer implements AutoCloseable {
  private static final int SHARD_BITS = 13;
  private static final int OFFSET_BITS = Long.SIZE - SHARD_BITS;
  private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

  /** The index, and as much again for sorting it. */
  private static final int INDEX_BYTES_PER_RECORD = 2 * IndexSort.ENTRY_BYTES;

  /** No record is shorter: a header, a key and no value. */
  private static final int MIN_RECORD_BYTES = 4;

  private static final int MIN_PLACES_OF_SHARD = 4;

  private final EntryOrder order;
  private final KeyPrefix prefixes;
  private final int shards;
  private final boolean keepRows;
  private final long budgetBytes;
  private final VirtualMemory index;
  private final VirtualMemory spareIndex;
  private final int[] starts;
  private final int[] ends;
  private final ShardChunks chunks;
  private VirtualMemory data;
  private int count;
  private long sorted;

  /**
   * An empty buffer.
   *
   * @param keepRows whether records say which row they were made of
   * @param budgetBytes of records and index together
   */
  public SortBuffer(EntryOrder order, int shards, boolean keepRows, long budgetBytes) {
    this.order = order;
    this.prefixes = new KeyPrefix(order);
    this.shards = shards;
    this.keepRows = keepRows;
    this.budgetBytes = budgetBytes;
    long most =
        Math.min(Integer.MAX_VALUE, budgetBytes / (INDEX_BYTES_PER_RECORD + MIN_RECORD_BYTES) + 1);
    this.index = VirtualMemory.allocate(most * IndexSort.ENTRY_BYTES);
    this.spareIndex = VirtualMemory.allocate(most * IndexSort.ENTRY_BYTES);
    this.data = VirtualMemory.allocate(budgetBytes);
    this.chunks = new ShardChunks(shards, budgetBytes);
    this.sorted = index.address();
    this.starts = new int[shards];
    this.ends = new int[shards];
  }

  EntryOrder order() {
    return order;
  }

  int shards() {
    return shards;
  }

  /** Records given. */
  public int count() {
    return count;
  }

  /** Memory in use: of records, and of the index. */
  public long usedBytes() {
    return chunks.takenBytes() + (long) count * INDEX_BYTES_PER_RECORD;
  }

  /**
   * Adds a record; false if there is no room for it and the buffer is not empty.
   *
   * @param hash {@link KeyHash} of the key
   * @param row {@link RowLocation}
   * @param expirySeconds as in {@link io.featurekv.storage.ShardWriter#put}
   */
  public boolean add(
      long hash,
      long row,
      boolean deletion,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      int expirySeconds) {
    int headerBytes = RecordLayout.headerBytes(valueLength, expirySeconds, keepRows);
    long length = (long) headerBytes + keyLength + valueLength;
    int shard = KeyHash.shardOf(hash, shards);
    long growth = chunks.growth(shard, length) + INDEX_BYTES_PER_RECORD;
    if (usedBytes() + growth > budgetBytes && !makeRoom(length)) {
      return false;
    }
    long place = chunks.take(shard, length);
    long record = data.address() + place;
    long keyAt =
        RecordLayout.putHeader(
            record, keyLength, valueLength, deletion, expirySeconds, keepRows, row);
    NativeMemory.copy(key, keyOffset, keyAt, keyLength);
    NativeMemory.copy(value, valueOffset, keyAt + keyLength, valueLength);
    long entry = index.address() + (long) count * IndexSort.ENTRY_BYTES;
    NativeMemory.putLong(entry, prefixes.of(hash, keyAt, keyLength));
    NativeMemory.putLong(entry + Long.BYTES, (long) shard << OFFSET_BITS | place);
    count++;
    return true;
  }

  /** An empty buffer takes any record. */
  private boolean makeRoom(long length) {
    if (count > 0) {
      return false;
    }
    if (length > data.sizeBytes()) {
      data.close();
      data = VirtualMemory.allocate(length);
    }
    return true;
  }

  /** Sorts, and drops the rows that do not stay. */
  public void sort(Duplicates duplicates) {
    IndexSort sort = new IndexSort(data.address(), OFFSET_MASK, order == EntryOrder.BY_HASH);
    scatterByShard();
    for (int shard = 0; shard < shards; shard++) {
      long offset = (long) starts[shard] * IndexSort.ENTRY_BYTES;
      sort.sort(
          spareIndex.address() + offset,
          index.address() + offset,
          ends[shard] - starts[shard],
          true);
      ends[shard] = dropDuplicates(shard, duplicates);
    }
  }

  /** From the index to the spare one. */
  private void scatterByShard() {
    int[] next = new int[shards + 1];
    for (int i = 0; i < count; i++) {
      next[shardOf(i) + 1]++;
    }
    for (int shard = 0; shard < shards; shard++) {
      next[shard + 1] += next[shard];
      starts[shard] = next[shard];
      ends[shard] = next[shard + 1];
    }
    for (int i = 0; i < count; i++) {
      long from = sorted + (long) i * IndexSort.ENTRY_BYTES;
      long ref = NativeMemory.getLong(from + Long.BYTES);
      int slot = next[(int) (ref >>> OFFSET_BITS)]++;
      long to = spareIndex.address() + (long) slot * IndexSort.ENTRY_BYTES;
      NativeMemory.putLong(to, NativeMemory.getLong(from));
      NativeMemory.putLong(to + Long.BYTES, ref);
    }
  }

  private int shardOf(int i) {
    return (int) (ref(i) >>> OFFSET_BITS);
  }

  private long ref(int i) {
    return NativeMemory.getLong(sorted + (long) i * IndexSort.ENTRY_BYTES + Long.BYTES);
  }

  private long prefix(int i) {
    return NativeMemory.getLong(sorted + (long) i * IndexSort.ENTRY_BYTES);
  }

  /** Address of the record that is i-th in order. */
  long record(int i) {
    return data.address() + (ref(i) & OFFSET_MASK);
  }

  /** Keeps one record of each key of a sorted part; returns the new end of the part. */
  private int dropDuplicates(int shard, Duplicates duplicates) {
    int from = starts[shard];
    int to = ends[shard];
    int i = from + 1;
    while (i < to && !isSameKey(i - 1, i)) {
      i++;
    }
    if (i >= to) {
      return to;
    }
    NativeRecord dropped = new NativeRecord();
    int kept = i;
    for (; i < to; i++) {
      if (!isSameKey(kept - 1, i)) {
        set(kept++, i);
      } else if (duplicates.lastWins()) {
        duplicates.dropped(shard, dropped.at(record(kept - 1)));
        set(kept - 1, i);
      } else {
        duplicates.dropped(shard, dropped.at(record(i)));
      }
    }
    return kept;
  }

  private void set(int to, int from) {
    long target = sorted + (long) to * IndexSort.ENTRY_BYTES;
    NativeMemory.putLong(target, prefix(from));
    NativeMemory.putLong(target + Long.BYTES, ref(from));
  }

  /** Equal keys have equal first longs, for they were sorted by the same bytes. */
  private boolean isSameKey(int left, int right) {
    return prefix(left) == prefix(right)
        && IndexSort.compareKeysOfRecords(record(left), record(right)) == 0;
  }

  int start(int shard) {
    return starts[shard];
  }

  int end(int shard) {
    return ends[shard];
  }

  /** Records of a shard that stay, once sorted. */
  long records(int shard) {
    return (long) ends[shard] - starts[shard];
  }

  /**
   * Writes the records to a new file, once sorted.
   *
   * @throws io.featurekv.model.FeatureKvException NO_SPACE when the disk is full; no file is left
   */
  public RunFile writeTo(Path path) {
    return RunWriter.write(this, path);
  }

  /** Forgets the records, keeps the memory. */
  public void clear() {
    chunks.clear();
    count = 0;
  }

  /** The records of one shard, once sorted. */
  StoredCursor cursor(int shard) {
    return new BufferCursor(this, new KeyPrefix(order), starts[shard], ends[shard]);
  }

  /** Cursors at several places of every shard, each up to the next place, once sorted. */
  List<Supplier<RecordCursor>> places() {
    List<Supplier<RecordCursor>> places = new ArrayList<>();
    int perShard = Math.max(MIN_PLACES_OF_SHARD, ValueSamples.MAX_PLACES / shards);
    for (int shard = 0; shard < shards; shard++) {
      long length = records(shard);
      for (int i = 0; i < perShard; i++) {
        int from = starts[shard] + (int) (length * i / perShard);
        int to = starts[shard] + (int) (length * (i + 1) / perShard);
        if (from < to) {
          places.add(() -> new BufferCursor(this, new KeyPrefix(order), from, to));
        }
      }
    }
    return places;
  }

  /** Frees the memory. Idempotent. */
  @Override
  public void close() {
    data.close();
    index.close();
    spareIndex.close();
  }
}
