package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import java.nio.file.Path;

/**
 * Reads a {@code mem} file that lies whole in memory; see {@link MemLayout}. Each stage touches
 * what the next one needs, over all keys, so that cache misses overlap.
 *
 * <p>The directory and the lengths of the parts were checked when the file was opened, so that a
 * slot is always inside; offsets into the heap are checked at each use.
 */
final class MemReader implements ShardReader {
  private static final int SLOT_STAGES = 3;
  private static final int ALL_STAGES = 6;

  private final Path file;
  private final VirtualMemory memory;
  private final MemImage image;
  private final long directory;
  private final long seeds;
  private final long groups;
  private final int keyLength;
  private final int valueLength;
  private final int stride;
  private final int secondTouch;
  private final long slots;
  private final long buckets;
  private final long bucketsEnd;
  private final long homes;
  private final long heap;
  private final long heapLength;

  MemReader(Path file, MemImage image) {
    this.file = file;
    this.memory = image.memory();
    this.image = image;
    this.directory = image.index() + MemLayout.HEADER_BYTES;
    this.seeds = image.index() + MemLayout.seedsOffset(image.partitions());
    this.groups = image.partitions() * MemLayout.GROUPS;
    this.keyLength = image.keyLength();
    this.valueLength = image.valueLength();
    this.stride = image.stride();
    this.secondTouch = Math.max(0, Math.min(keyLength + valueLength - 1, MemLayout.LINE_BYTES));
    this.slots = image.slots();
    this.buckets = image.index() + MemLayout.bucketsOffset(image.partitions());
    this.bucketsEnd = image.index() + image.indexLength();
    this.homes = image.homeBuckets();
    this.heap = image.heap();
    this.heapLength = image.heapLength();
  }

  MemImage image() {
    return image;
  }

  @Override
  public int stages() {
    return homes == 0 ? SLOT_STAGES : ALL_STAGES;
  }

  @Override
  public void stage(int stage, LookupWork work, int from, int to) {
    switch (stage) {
      case 0 -> touchSeeds(work, from, to);
      case 1 -> touchSlots(work, from, to);
      case 2 -> matchSlots(work, from, to);
      case 3 -> touchBuckets(work, from, to);
      case 4 -> touchEntries(work, from, to);
      default -> matchEntries(work, from, to);
    }
  }

  private void touchSeeds(LookupWork work, int from, int to) {
    if (groups == 0) {
      return;
    }
    int[] keys = work.keys;
    long[] place = work.place;
    long[] hashes = work.hashes;
    long count = groups;
    for (int i = from; i < to; i++) {
      place[i] = MemLayout.multiplyHigh(hashes[keys[i]], count);
    }
    long sum = 0;
    long base = seeds;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getU16(base + 2 * place[i]);
    }
    work.touched += sum;
  }

  private void touchSlots(LookupWork work, int from, int to) {
    if (groups == 0) {
      return;
    }
    int[] keys = work.keys;
    long[] place = work.place;
    long[] hashes = work.hashes;
    long seedBase = seeds;
    long directoryBase = directory;
    long slotBase = slots;
    long step = stride;
    for (int i = from; i < to; i++) {
      long group = place[i];
      long where = NativeMemory.getLong(directoryBase + (group >>> MemLayout.GROUP_BITS << 3));
      long seed = NativeMemory.getU16(seedBase + 2 * group);
      long slot = MemLayout.slot(hashes[keys[i]], seed, where & MemLayout.MAX_SLOTS);
      place[i] = slotBase + (where >>> MemLayout.SLOT_COUNT_BITS) + slot * step;
    }
    long sum = 0;
    int second = secondTouch;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getByte(place[i]) + NativeMemory.getByte(place[i] + second);
    }
    work.touched += sum;
  }

  private void matchSlots(LookupWork work, int from, int to) {
    if (groups == 0) {
      return;
    }
    int[] keys = work.keys;
    long[] place = work.place;
    long[] addresses = work.addresses;
    int[] lengths = work.lengths;
    LookupResult result = work.result;
    int length = keyLength;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      long slot = place[i];
      if (lengths[key] == length && NativeMemory.equal(addresses[key], slot, length)) {
        result.found(key, slot + length, valueLength);
      }
    }
  }

  private void touchBuckets(LookupWork work, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] hashes = work.hashes;
    long base = buckets;
    long count = homes;
    for (int i = from; i < to; i++) {
      place[i] = base + MemLayout.multiplyHigh(hashes[keys[i]], count) * MemLayout.BUCKET_BYTES;
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getLong(place[i]);
    }
    work.touched += sum;
  }

  /** Goes to the first entry whose fingerprint fits; the bucket itself stands for none. */
  private void touchEntries(LookupWork work, int from, int to) {
    int[] keys = work.keys;
    long[] place = work.place;
    long[] extra = work.extra;
    long[] hashes = work.hashes;
    long base = heap;
    long most = Math.max(0, heapLength - MemLayout.ENTRY_HEADER_BYTES);
    for (int i = from; i < to; i++) {
      long bucket = place[i];
      long matches = matches(NativeMemory.getLong(bucket), hashes[keys[i]]);
      long offset = Math.min(most, entryOffset(bucket, matches));
      extra[i] = matches == 0 ? bucket : base + offset;
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += NativeMemory.getByte(extra[i]) + NativeMemory.getByte(extra[i] + 63);
    }
    work.touched += sum;
  }

  private static long matches(long fingerprints, long hash) {
    return MemLayout.zeroBytes(fingerprints ^ MemLayout.fingerprint(hash) * MemLayout.LOW_BITS);
  }

  private static long entryOffset(long bucket, long matches) {
    int index = Long.numberOfTrailingZeros(matches) >>> 3 & 7;
    return NativeMemory.getLong(bucket + 7 + 7L * index) >>> 8;
  }

  private void matchEntries(LookupWork work, int from, int to) {
    int[] keys = work.keys;
    LookupResult result = work.result;
    boolean isOnly = groups == 0;
    for (int i = from; i < to; i++) {
      int key = keys[i];
      if (!isOnly && result.state(key) != LookupResult.UNRESOLVED) {
        continue;
      }
      long entry = work.extra[i];
      long address = work.addresses[key];
      int length = work.lengths[key];
      if (entry == work.place[i]) {
        if (MemLayout.zeroBytes(NativeMemory.getLong(entry)) != 0) {
          continue;
        }
        entry = find(work.hashes[key], address, length);
      } else if (!isKey(entry, address, length)) {
        entry = find(work.hashes[key], address, length);
      }
      if (entry != 0) {
        resolve(work, key, entry);
      }
    }
  }

  /** Looks at every entry that could have the key; 0 where none has it. */
  private long find(long hash, long address, int length) {
    long bucket = buckets + MemLayout.multiplyHigh(hash, homes) * MemLayout.BUCKET_BYTES;
    while (bucket < bucketsEnd) {
      long fingerprints = NativeMemory.getLong(bucket);
      for (long matches = matches(fingerprints, hash); matches != 0; matches &= matches - 1) {
        long entry = heap + checked(entryOffset(bucket, matches));
        if (isKey(entry, address, length)) {
          return entry;
        }
      }
      if (MemLayout.zeroBytes(fingerprints) != 0) {
        return 0;
      }
      bucket += MemLayout.BUCKET_BYTES;
    }
    return 0;
  }

  private long checked(long offset) {
    if (offset > heapLength - MemLayout.ENTRY_HEADER_BYTES) {
      throw corrupt("an entry at " + offset + " of " + heapLength + " bytes");
    }
    return offset;
  }

  private boolean isKey(long entry, long address, int length) {
    if (NativeMemory.getU16(entry + 4) != length) {
      return false;
    }
    int flags = NativeMemory.getInt(entry);
    int head = MemImage.headBytes(flags);
    return entry - heap + head + length <= heapLength
        && NativeMemory.equal(entry + head, address, length);
  }

  private void resolve(LookupWork work, int key, long entry) {
    int flags = NativeMemory.getInt(entry);
    LookupResult result = work.result;
    if (flags >= 0 && (flags & MemLayout.FLAG_EXPIRY) == 0) {
      long value = entry + MemLayout.ENTRY_HEADER_BYTES + work.lengths[key];
      if (value - heap + flags > heapLength) {
        throw corrupt("a value leaves the heap");
      }
      result.found(key, value, flags);
      return;
    }
    int expiry =
        (flags & MemLayout.FLAG_EXPIRY) == 0
            ? ShardWriter.NO_EXPIRY
            : NativeMemory.getInt(entry + MemLayout.ENTRY_HEADER_BYTES);
    int length = flags & MemLayout.LENGTH_MASK;
    long value = entry + MemImage.headBytes(flags) + work.lengths[key];
    if (value - heap + length > heapLength) {
      throw corrupt("a value leaves the heap");
    }
    result.resolve(key, flags < 0, expiry, work.readTimeSeconds, value, length);
  }

  private FeatureKvException corrupt(String what) {
    return FileErrors.corrupt(file, what);
  }

  @Override
  public EntryCursor cursor() {
    return new MemCursor(image);
  }

  @Override
  public long residentBytes() {
    return memory.sizeBytes();
  }

  @Override
  public void close() {
    memory.close();
  }
}
