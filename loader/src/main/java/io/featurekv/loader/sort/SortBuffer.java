package io.featurekv.loader.sort;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Records in memory, sorted by shard and by {@link EntryOrder} in it once it is full.
 *
 * <p>Invariants: records lie in chunks in the order they came, none across two chunks; {@code
 * refs[i]} says where record i lies (chunk index in the high half, offset in the low one), {@code
 * prefixes[i]} what orders it before its key does. After {@link #sort} those two are in order, each
 * key once, and {@code starts} and {@code ends} bound each shard's part.
 *
 * <p>Takes no more than its budget, but for one record that is longer than that. Not thread-safe.
 */
final class SortBuffer {
  /** Two longs a record for the order, and two more while sorting. */
  private static final int INDEX_BYTES = 4 * Long.BYTES;

  private static final int FIRST_INDEX_CAPACITY = 1024;
  private static final int INSERTION_SORT_BELOW = 12;
  private static final int MIN_PLACES_OF_SHARD = 4;
  private static final int MIN_CHUNK_BYTES = 64 << 10;
  private static final int MAX_CHUNK_BYTES = 4 << 20;

  private final EntryOrder order;
  private final int shards;
  private final long budgetBytes;
  private final int chunkBytes;
  private final List<byte[]> chunks = new ArrayList<>();
  private final List<byte[]> spareChunks = new ArrayList<>();
  private final int[] starts;
  private final int[] ends;
  private long usedBytes;
  private int chunkFill;
  private int count;
  private long[] refs = new long[FIRST_INDEX_CAPACITY];
  private long[] prefixes = new long[FIRST_INDEX_CAPACITY];
  private long[] spareRefs = {};
  private long[] sparePrefixes = {};

  SortBuffer(EntryOrder order, int shards, long budgetBytes) {
    this.order = order;
    this.shards = shards;
    this.budgetBytes = budgetBytes;
    this.chunkBytes = (int) Math.clamp(budgetBytes / 32, MIN_CHUNK_BYTES, MAX_CHUNK_BYTES);
    this.starts = new int[shards];
    this.ends = new int[shards];
  }

  int count() {
    return count;
  }

  /**
   * Adds a record; false if there is no room for it and the buffer is not empty.
   *
   * @param hash of the key
   * @param expirySeconds as in {@link io.featurekv.storage.ShardWriter#put}
   */
  boolean add(
      long hash,
      long location,
      byte[] key,
      int keyLength,
      byte[] value,
      int valueLength,
      int expirySeconds) {
    int shard = KeyHash.shardOf(hash, shards);
    int valueBytes = Math.max(valueLength, 0);
    int headerBytes = RecordLayout.headerBytes(expirySeconds);
    int length = headerBytes + keyLength + valueBytes;
    if (!reserveIndex() || !reserve(length)) {
      return false;
    }
    byte[] chunk = chunks.getLast();
    int at = chunkFill;
    RecordLayout.putHeader(chunk, at, shard, keyLength, valueLength, location, expirySeconds);
    int keyAt = at + headerBytes;
    System.arraycopy(key, 0, chunk, keyAt, keyLength);
    System.arraycopy(value, 0, chunk, keyAt + keyLength, valueBytes);
    refs[count] = (long) (chunks.size() - 1) << Integer.SIZE | at;
    prefixes[count] = RecordLayout.prefix(order, hash, chunk, keyAt, keyLength);
    count++;
    chunkFill += length;
    return true;
  }

  private boolean reserveIndex() {
    if (count < refs.length) {
      return true;
    }
    long room = (budgetBytes - usedBytes) / INDEX_BYTES;
    long capacity = Math.min(refs.length * 3L / 2, Math.min(room, Integer.MAX_VALUE - 8));
    if (capacity <= count) {
      return false;
    }
    refs = Arrays.copyOf(refs, (int) capacity);
    prefixes = Arrays.copyOf(prefixes, (int) capacity);
    return true;
  }

  private boolean reserve(int length) {
    if (!chunks.isEmpty() && chunks.getLast().length - chunkFill >= length) {
      return true;
    }
    int size = Math.max(length, chunkBytes);
    if (count > 0 && usedBytes + size + (long) refs.length * INDEX_BYTES > budgetBytes) {
      return false;
    }
    boolean spare = size == chunkBytes && !spareChunks.isEmpty();
    chunks.add(spare ? spareChunks.removeLast() : new byte[size]);
    usedBytes += size;
    chunkFill = 0;
    return true;
  }

  /** Sorts, and drops the rows that do not stay. */
  void sort(Duplicates duplicates) {
    partition();
    for (int shard = 0; shard < shards; shard++) {
      sortShard(shard, duplicates);
    }
  }

  /**
   * The first step of sorting: brings the records of each shard together, in the order they came.
   */
  void partition() {
    if (spareRefs.length < count) {
      spareRefs = new long[refs.length];
      sparePrefixes = new long[refs.length];
    }
    scatterByShard();
  }

  /** The second step, once for each shard; different shards may be sorted by different threads. */
  void sortShard(int shard, Duplicates duplicates) {
    mergeSort(starts[shard], ends[shard]);
    ends[shard] = dropDuplicates(starts[shard], ends[shard], duplicates);
  }

  private void scatterByShard() {
    int[] next = new int[shards + 1];
    for (int i = 0; i < count; i++) {
      next[shardOf(refs[i]) + 1]++;
    }
    for (int shard = 0; shard < shards; shard++) {
      next[shard + 1] += next[shard];
      starts[shard] = next[shard];
      ends[shard] = next[shard + 1];
    }
    for (int i = 0; i < count; i++) {
      int to = next[shardOf(refs[i])]++;
      spareRefs[to] = refs[i];
      sparePrefixes[to] = prefixes[i];
    }
    long[] swap = refs;
    refs = spareRefs;
    spareRefs = swap;
    swap = prefixes;
    prefixes = sparePrefixes;
    sparePrefixes = swap;
  }

  private int shardOf(long ref) {
    return RecordLayout.shard(chunkOf(ref), (int) ref);
  }

  byte[] chunkOf(long ref) {
    return chunks.get((int) (ref >>> Integer.SIZE));
  }

  long ref(int index) {
    return refs[index];
  }

  long prefix(int index) {
    return prefixes[index];
  }

  int start(int shard) {
    return starts[shard];
  }

  int end(int shard) {
    return ends[shard];
  }

  /** Stable, and quick on what is in order already. */
  private void mergeSort(int from, int to) {
    if (to - from < INSERTION_SORT_BELOW) {
      insertionSort(from, to);
      return;
    }
    int middle = (from + to) >>> 1;
    mergeSort(from, middle);
    mergeSort(middle, to);
    if (compare(prefixes[middle - 1], refs[middle - 1], prefixes[middle], refs[middle]) <= 0) {
      return;
    }
    int length = middle - from;
    System.arraycopy(refs, from, spareRefs, from, length);
    System.arraycopy(prefixes, from, sparePrefixes, from, length);
    int left = from;
    int right = middle;
    int out = from;
    while (left < middle && right < to) {
      if (compare(sparePrefixes[left], spareRefs[left], prefixes[right], refs[right]) <= 0) {
        prefixes[out] = sparePrefixes[left];
        refs[out++] = spareRefs[left++];
      } else {
        prefixes[out] = prefixes[right];
        refs[out++] = refs[right++];
      }
    }
    System.arraycopy(spareRefs, left, refs, out, middle - left);
    System.arraycopy(sparePrefixes, left, prefixes, out, middle - left);
  }

  private void insertionSort(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      long prefix = prefixes[i];
      long ref = refs[i];
      int j = i;
      while (j > from && compare(prefixes[j - 1], refs[j - 1], prefix, ref) > 0) {
        prefixes[j] = prefixes[j - 1];
        refs[j] = refs[j - 1];
        j--;
      }
      prefixes[j] = prefix;
      refs[j] = ref;
    }
  }

  private int compare(long prefixA, long refA, long prefixB, long refB) {
    return prefixA != prefixB ? Long.compare(prefixA, prefixB) : compareKeys(refA, refB);
  }

  private int compareKeys(long refA, long refB) {
    byte[] a = chunkOf(refA);
    byte[] b = chunkOf(refB);
    int atA = (int) refA;
    int atB = (int) refB;
    int keyA = atA + RecordLayout.headerBytes(a, atA);
    int keyB = atB + RecordLayout.headerBytes(b, atB);
    return Arrays.compareUnsigned(
        a,
        keyA,
        keyA + RecordLayout.keyLength(a, atA),
        b,
        keyB,
        keyB + RecordLayout.keyLength(b, atB));
  }

  /** Keeps one record of each key of a sorted part; returns the new end of the part. */
  private int dropDuplicates(int from, int to, Duplicates duplicates) {
    int kept = from;
    for (int i = from; i < to; i++) {
      boolean same =
          kept > from && compare(prefixes[kept - 1], refs[kept - 1], prefixes[i], refs[i]) == 0;
      if (!same) {
        kept++;
      } else if (duplicates.lastWins()) {
        duplicates.dropped(locationOf(refs[kept - 1]));
      } else {
        duplicates.dropped(locationOf(refs[i]));
        continue;
      }
      refs[kept - 1] = refs[i];
      prefixes[kept - 1] = prefixes[i];
    }
    return kept;
  }

  private long locationOf(long ref) {
    return RecordLayout.location(chunkOf(ref), (int) ref);
  }

  /** Forgets the records, keeps the memory. */
  void clear() {
    for (byte[] chunk : chunks) {
      if (chunk.length == chunkBytes) {
        spareChunks.add(chunk);
      }
    }
    chunks.clear();
    usedBytes = 0;
    chunkFill = 0;
    count = 0;
  }

  /** The records of one shard, once sorted. */
  RecordCursor cursor(int shard) {
    return new BufferCursor(this, starts[shard], ends[shard]);
  }

  /** Cursors at several places of every shard, each up to the next place, once sorted. */
  List<Supplier<RecordCursor>> places() {
    List<Supplier<RecordCursor>> places = new ArrayList<>();
    int perShard = Math.max(MIN_PLACES_OF_SHARD, ValueSamples.MAX_PLACES / shards);
    for (int shard = 0; shard < shards; shard++) {
      long length = (long) ends[shard] - starts[shard];
      for (int i = 0; i < perShard; i++) {
        int from = starts[shard] + (int) (length * i / perShard);
        int to = starts[shard] + (int) (length * (i + 1) / perShard);
        if (from < to) {
          places.add(() -> new BufferCursor(this, from, to));
        }
      }
    }
    return places;
  }
}
