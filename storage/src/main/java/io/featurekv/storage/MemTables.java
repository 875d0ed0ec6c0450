package io.featurekv.storage;

import java.lang.foreign.Arena;

/**
 * The {@code mem} files of many shards as one: what the stages of a lookup need to know of each,
 * side by side, so that a batch runs through all of them in the same loops, whatever shard a key
 * belongs to. Each stage touches what the next one needs, over all keys, so that cache misses
 * overlap.
 *
 * <p>A file without slots or without a heap gets a part in which nothing is found. One thread while
 * it is filled; any number read it.
 */
final class MemTables {
  private static final int SLOT_STAGES = 3;
  private static final int ALL_STAGES = 6;

  /** An empty bucket, and a partition without slots. */
  private static final long NOTHING =
      Arena.global().allocate(MemLayout.BUCKET_BYTES, MemLayout.LINE_BYTES).address();

  private final MemReader[] readers;
  private final long[] groups;
  private final long[] seeds;
  private final long[] directories;
  private final long[] slots;
  private final int[] strides;
  private final int[] keyLengths;
  private final int[] valueLengths;
  private final int[] secondTouches;
  private final long[] homes;
  private final long[] buckets;
  private final long[] heaps;
  private final long[] heapMost;
  private boolean hasHeap;

  MemTables(int max) {
    this.readers = new MemReader[max];
    this.groups = new long[max];
    this.seeds = new long[max];
    this.directories = new long[max];
    this.slots = new long[max];
    this.strides = new int[max];
    this.keyLengths = new int[max];
    this.valueLengths = new int[max];
    this.secondTouches = new int[max];
    this.homes = new long[max];
    this.buckets = new long[max];
    this.heaps = new long[max];
    this.heapMost = new long[max];
  }

  /** How many files it has room for. */
  int size() {
    return readers.length;
  }

  MemReader reader(int place) {
    return readers[place];
  }

  /** Begins another batch: whether it needs the heap is settled by the files that it uses. */
  void begin() {
    hasHeap = false;
  }

  /** Has a file at a place for this batch; most often it stands there from the batch before. */
  void use(int place, MemReader reader) {
    if (!reader.equals(readers[place])) {
      set(place, reader);
    }
    hasHeap |= homes[place] > 0;
  }

  private void set(int place, MemReader reader) {
    MemImage image = reader.image();
    readers[place] = reader;
    boolean hasSlots = image.partitions() > 0;
    groups[place] = image.partitions() * MemLayout.GROUPS;
    seeds[place] = hasSlots ? image.index() + MemLayout.seedsOffset(image.partitions()) : NOTHING;
    directories[place] = hasSlots ? image.index() + MemLayout.HEADER_BYTES : NOTHING;
    slots[place] = hasSlots ? image.slots() : NOTHING;
    strides[place] = image.stride();
    keyLengths[place] = hasSlots ? image.keyLength() : -1;
    valueLengths[place] = image.valueLength();
    secondTouches[place] =
        hasSlots ? Math.min(image.keyLength() + image.valueLength() - 1, MemLayout.LINE_BYTES) : 0;
    homes[place] = image.homeBuckets();
    buckets[place] = image.homeBuckets() > 0 ? image.buckets() : NOTHING;
    heaps[place] = image.homeBuckets() > 0 ? image.heap() : NOTHING;
    heapMost[place] = Math.max(0, image.heapLength() - MemLayout.ENTRY_HEADER_BYTES);
  }

  int stages() {
    return hasHeap ? ALL_STAGES : SLOT_STAGES;
  }

  /**
   * Runs one stage; see {@link ShardReader#stage}.
   *
   * @param places by key: the place of its file here
   */
  void stage(int stage, LookupWork work, int[] places, int from, int to) {
    switch (stage) {
      case 0 -> touchSeeds(work, places, from, to);
      case 1 -> touchSlots(work, places, from, to);
      case 2 -> matchSlots(work, places, from, to);
      case 3 -> touchBuckets(work, places, from, to);
      case 4 -> touchEntries(work, places, from, to);
      default -> matchEntries(work, places, from, to);
    }
  }

  private void touchSeeds(LookupWork work, int[] places, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] extra = work.extra;
    long[] hashes = work.hashes;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      int file = places[key];
      long group = MemLayout.multiplyHigh(hashes[key], groups[file]);
      place[i] = seeds[file] + 2 * group;
      extra[i] = directories[file] + (group >>> MemLayout.GROUP_BITS << 3);
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getU16(place[i]) + NativeMemory.getByte(extra[i]);
    }
    work.touched += sum;
  }

  private void touchSlots(LookupWork work, int[] places, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] extra = work.extra;
    long[] hashes = work.hashes;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      int file = places[key];
      long where = NativeMemory.getLong(extra[i]);
      long seed = NativeMemory.getU16(place[i]);
      long slot = MemLayout.slot(hashes[key], seed, where & MemLayout.MAX_SLOTS);
      long at = slots[file] + (where >>> MemLayout.SLOT_COUNT_BITS) + slot * strides[file];
      place[i] = at;
      extra[i] = at + secondTouches[file];
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getByte(place[i]) + NativeMemory.getByte(extra[i]);
    }
    work.touched += sum;
  }

  private void matchSlots(LookupWork work, int[] places, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] addresses = work.addresses;
    int[] lengths = work.lengths;
    LookupResult result = work.result;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      int file = places[key];
      int length = lengths[key];
      long slot = place[i];
      if (length == keyLengths[file] && NativeMemory.equal(addresses[key], slot, length)) {
        result.found(key, slot + length, valueLengths[file]);
      }
    }
  }

  private void touchBuckets(LookupWork work, int[] places, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] hashes = work.hashes;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      int file = places[key];
      place[i] =
          buckets[file] + MemLayout.multiplyHigh(hashes[key], homes[file]) * MemLayout.BUCKET_BYTES;
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getLong(place[i]);
    }
    work.touched += sum;
  }

  /** Goes to the first entry whose fingerprint fits; the bucket itself stands for none. */
  private void touchEntries(LookupWork work, int[] places, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] extra = work.extra;
    long[] hashes = work.hashes;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      int file = places[key];
      long bucket = place[i];
      long matches = MemReader.matches(NativeMemory.getLong(bucket), hashes[key]);
      long entry = heaps[file] + Math.min(heapMost[file], MemReader.entryOffset(bucket, matches));
      extra[i] = matches == 0 ? bucket : entry;
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getByte(extra[i]) + NativeMemory.getByte(extra[i] + 63);
    }
    work.touched += sum;
  }

  private void matchEntries(LookupWork work, int[] places, int from, int to) {
    int[] keys = work.keys;
    LookupResult result = work.result;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      if (result.state(key) == LookupResult.UNRESOLVED) {
        readers[places[key]].resolveInHeap(work, key, work.place[i], work.extra[i]);
      }
    }
  }
}
