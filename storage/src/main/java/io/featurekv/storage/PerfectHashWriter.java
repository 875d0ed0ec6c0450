package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes the slots of a {@code mem} file, one partition after the other, from entries of one shape
 * in hash order; see {@link MemLayout}. One thread.
 */
final class PerfectHashWriter implements AutoCloseable {
  /** Keys that a partition may be ahead of twice what was expected up to a group. */
  private static final int MAX_AHEAD = 256;

  /**
   * Keys of a partition that are taken at most, where there are far more than was expected; leaves
   * free slots for the last ones.
   */
  private static final int MAX_KEYS = 2 * MemLayout.KEYS_PER_GROUP * MemLayout.GROUPS + MAX_AHEAD;

  /** Keys of a group that are taken at most: more cannot all be sent to free slots. */
  private static final int MAX_GROUP_KEYS = 24;

  private final BlobWriter slots;
  private final int keyLength;
  private final int valueLength;
  private final int stride;
  private final long partitions;
  private final GrowingLongs directory = new GrowingLongs();
  private final GrowingLongs seedWords = new GrowingLongs();

  /** Keys and values of the partition at hand as they came, then its slots. */
  private final VirtualMemory held;

  private final VirtualMemory image;
  private final long[] hashes = new long[MAX_KEYS];
  private final int[] slotOf = new int[MAX_KEYS];
  private final int[] groupStart = new int[MemLayout.GROUPS + 1];
  private final int[] groupOrder = new int[MemLayout.GROUPS];
  private final short[] seeds = new short[MemLayout.GROUPS];
  private final long[] taken = new long[(MemLayout.MAX_SLOTS >>> 6) + 1];
  private long partition;
  private int count;
  private long lastGroup = -1;
  private int groupCount;
  private long entries;

  PerfectHashWriter(BlobWriter slots, int keyLength, int valueLength, long expectedEntries) {
    this.slots = slots;
    this.keyLength = keyLength;
    this.valueLength = valueLength;
    this.stride = MemLayout.stride(keyLength + valueLength);
    long perPartition = (long) MemLayout.KEYS_PER_GROUP * MemLayout.GROUPS;
    this.partitions = Math.max(1, (expectedEntries + perPartition - 1) / perPartition);
    this.held = VirtualMemory.allocate((long) MAX_KEYS * (keyLength + valueLength));
    this.image = VirtualMemory.allocate((long) MemLayout.MAX_SLOTS * stride);
  }

  /** Whether entries of a shape can lie in slots. */
  static boolean takes(int keyLength, int valueLength) {
    return keyLength + valueLength <= MemLayout.MAX_STRIDE;
  }

  /** Takes an entry of the shape; false where it must lie in the heap. */
  boolean add(long hash, byte[] key, int keyOffset, byte[] value, int valueOffset) {
    long group = MemLayout.multiplyHigh(hash, partitions * MemLayout.GROUPS);
    long home = group >>> MemLayout.GROUP_BITS;
    while (partition < home) {
      endPartition();
    }
    if (group != lastGroup) {
      lastGroup = group;
      groupCount = 0;
    }
    long most = 2 * MemLayout.KEYS_PER_GROUP * ((group & (MemLayout.GROUPS - 1)) + 1) + MAX_AHEAD;
    if (count >= most || groupCount == MAX_GROUP_KEYS || (count > 0 && hashes[count - 1] == hash)) {
      return false;
    }
    long at = held.address() + (long) count * (keyLength + valueLength);
    NativeMemory.copy(key, keyOffset, at, keyLength);
    NativeMemory.copy(value, valueOffset, at + keyLength, valueLength);
    hashes[count] = hash;
    count++;
    groupCount++;
    entries++;
    return true;
  }

  private void endPartition() {
    int slotCount = count == 0 ? 0 : solve();
    directory.add(slots.length() << MemLayout.SLOT_COUNT_BITS | slotCount);
    for (int i = 0; i < MemLayout.GROUPS; i += 4) {
      seedWords.add(
          (seeds[i] & 0xFFFFL)
              | (seeds[i + 1] & 0xFFFFL) << 16
              | (seeds[i + 2] & 0xFFFFL) << 32
              | (seeds[i + 3] & 0xFFFFL) << 48);
    }
    writeSlots(slotCount);
    partition++;
    count = 0;
    lastGroup = -1;
  }

  /** Finds seeds for all groups of the partition; the count of slots that they need. */
  private int solve() {
    orderGroups();
    int slotCount = Math.max(8, (int) Math.ceil(count / MemLayout.LOAD));
    for (int failures = 1; slotCount <= MemLayout.MAX_SLOTS; failures++) {
      if (seedsFor(slotCount)) {
        return slotCount;
      }
      // A failure costs far more than slots: grow the faster the more of them there were.
      slotCount += failures * failures;
    }
    throw new FeatureKvException(
        ErrorCode.INTERNAL, "no perfect hash for " + count + " keys of one partition");
  }

  private void orderGroups() {
    Arrays.fill(groupStart, 0);
    Arrays.fill(seeds, (short) 0);
    int most = 0;
    for (int i = 0; i < count; i++) {
      groupStart[groupOf(hashes[i]) + 1]++;
    }
    for (int group = 0; group < MemLayout.GROUPS; group++) {
      most = Math.max(most, groupStart[group + 1]);
      groupStart[group + 1] += groupStart[group];
    }
    int next = 0;
    for (int size = most; size > 0; size--) {
      for (int group = 0; group < MemLayout.GROUPS; group++) {
        if (groupStart[group + 1] - groupStart[group] == size) {
          groupOrder[next++] = group;
        }
      }
    }
    Arrays.fill(groupOrder, next, MemLayout.GROUPS, -1);
  }

  private int groupOf(long hash) {
    return (int) MemLayout.multiplyHigh(hash, partitions * MemLayout.GROUPS) & MemLayout.GROUPS - 1;
  }

  private boolean seedsFor(int slotCount) {
    Arrays.fill(taken, 0);
    for (int group : groupOrder) {
      if (group < 0) {
        break;
      }
      int seed = seedFor(groupStart[group], groupStart[group + 1], slotCount);
      if (seed < 0) {
        return false;
      }
      seeds[group] = (short) seed;
    }
    return true;
  }

  /** The first seed that sends some keys to free slots, which are taken then; -1 for none. */
  private int seedFor(int from, int to, int slotCount) {
    for (int seed = 0; seed < MemLayout.SEEDS; seed++) {
      int i = from;
      for (; i < to; i++) {
        int slot = (int) MemLayout.slot(hashes[i], seed, slotCount);
        if ((taken[slot >>> 6] >>> slot & 1) != 0) {
          break;
        }
        taken[slot >>> 6] |= 1L << slot;
        slotOf[i] = slot;
      }
      if (i == to) {
        return seed;
      }
      for (int j = from; j < i; j++) {
        taken[slotOf[j] >>> 6] &= ~(1L << slotOf[j]);
      }
    }
    return -1;
  }

  private void writeSlots(int slotCount) {
    int bytes = keyLength + valueLength;
    long end = (long) slotCount * stride;
    if (bytes < stride) {
      NativeMemory.fill(image.address(), end, (byte) 0);
    }
    for (int i = 0; i < count; i++) {
      NativeMemory.copy(
          held.address() + (long) i * bytes, image.address() + (long) slotOf[i] * stride, bytes);
    }
    for (int slot = 0; slot < slotCount; slot++) {
      if ((taken[slot >>> 6] >>> slot & 1) == 0) {
        // A key of another slot: whoever is sent here looks for something else.
        long at = image.address() + (long) slot * stride;
        NativeMemory.fill(at, stride, (byte) 0);
        NativeMemory.copy(held.address(), at, keyLength);
      }
    }
    slots.write(image.address(), end);
  }

  /** Writes what is left, and the slot that an empty last partition leads to. */
  void finish() {
    while (partition < partitions) {
      endPartition();
    }
    slots.write(image.address(), stride);
  }

  long partitions() {
    return partitions;
  }

  long entries() {
    return entries;
  }

  int keyLength() {
    return keyLength;
  }

  int valueLength() {
    return valueLength;
  }

  int stride() {
    return stride;
  }

  /** Appends directory and seeds. */
  void writeIndex(BlobWriter index) {
    writeAll(directory, index);
    writeAll(seedWords, index);
  }

  private static void writeAll(GrowingLongs words, BlobWriter index) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < words.size(); i++) {
      buffer.putLong(0, words.get(i));
      index.write(bytes, 0, bytes.length);
    }
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    held.close();
    image.close();
    directory.close();
    seedWords.close();
  }
}
