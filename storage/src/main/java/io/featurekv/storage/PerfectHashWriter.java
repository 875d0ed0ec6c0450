package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
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

  /** Keys and values of the partition at hand as they came. */
  private final VirtualMemory held;

  /** Its slots, where they do not lie together in what is written; the first of them always. */
  private final VirtualMemory image;

  private final long[] hashes = new long[MAX_KEYS];
  private final int[] slotOf = new int[MAX_KEYS];

  /** Where the keys of each group begin; a group that had none yet has its end. */
  private final int[] groupStart = new int[MemLayout.GROUPS + 1];

  private final int[] groupOrder = new int[MemLayout.GROUPS];
  private final int[] groupsOfSize = new int[MAX_GROUP_KEYS + 2];
  private final short[] seeds = new short[MemLayout.GROUPS];
  private final SeedSearch search = new SeedSearch();
  private long partition;
  private int count;
  private int lastGroup;
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
  boolean add(IncomingEntry entry) {
    long hash = entry.hash;
    long group = MemLayout.multiplyHigh(hash, partitions * MemLayout.GROUPS);
    long home = group >>> MemLayout.GROUP_BITS;
    while (partition < home) {
      endPartition();
    }
    int inPartition = (int) group & MemLayout.GROUPS - 1;
    while (lastGroup < inPartition) {
      groupStart[++lastGroup] = count;
    }
    int most = 2 * MemLayout.KEYS_PER_GROUP * (inPartition + 1) + MAX_AHEAD;
    if (count >= most
        || count - groupStart[inPartition] == MAX_GROUP_KEYS
        || (count > 0 && hashes[count - 1] == hash)) {
      return false;
    }
    long at = held.address() + (long) count * (keyLength + valueLength);
    NativeMemory.copy(entry.key, at, keyLength);
    NativeMemory.copy(entry.value, at + keyLength, valueLength);
    hashes[count] = hash;
    count++;
    entries++;
    return true;
  }

  private void endPartition() {
    while (lastGroup < MemLayout.GROUPS) {
      groupStart[++lastGroup] = count;
    }
    Arrays.fill(seeds, (short) 0);
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
    lastGroup = 0;
  }

  /** Finds seeds for all groups of the partition; the count of slots that they need. */
  private int solve() {
    int groups = orderGroups();
    int slotCount = Math.max(8, (int) Math.ceil(count / MemLayout.LOAD));
    for (int failures = 1; slotCount <= MemLayout.MAX_SLOTS; failures++) {
      if (seedsFor(groups, slotCount)) {
        return slotCount;
      }
      // A failure costs far more than slots: grow the faster the more of them there were.
      slotCount += failures * failures;
    }
    throw new FeatureKvException(
        ErrorCode.INTERNAL, "no perfect hash for " + count + " keys of one partition");
  }

  /** Sorts the groups that have keys by falling size; returns how many. */
  private int orderGroups() {
    Arrays.fill(groupsOfSize, 0);
    for (int group = 0; group < MemLayout.GROUPS; group++) {
      groupsOfSize[groupSize(group)]++;
    }
    int next = 0;
    for (int size = MAX_GROUP_KEYS; size >= 0; size--) {
      int groups = groupsOfSize[size];
      groupsOfSize[size] = next;
      next += groups;
    }
    for (int group = 0; group < MemLayout.GROUPS; group++) {
      groupOrder[groupsOfSize[groupSize(group)]++] = group;
    }
    return groupsOfSize[1];
  }

  private int groupSize(int group) {
    return groupStart[group + 1] - groupStart[group];
  }

  private boolean seedsFor(int groups, int slotCount) {
    search.begin(slotCount);
    for (int i = 0; i < groups; i++) {
      int group = groupOrder[i];
      int seed = search.place(hashes, groupStart[group], groupStart[group + 1], slotOf);
      if (seed < 0) {
        return false;
      }
      seeds[group] = (short) seed;
    }
    return true;
  }

  private void writeSlots(int slotCount) {
    int bytes = keyLength + valueLength;
    long end = (long) slotCount * stride;
    long room = slots.room(end);
    long base = room == 0 ? image.address() : room;
    for (int i = 0; i < count; i++) {
      long slot = base + (long) slotOf[i] * stride;
      // The entry goes over all but the last of them.
      zeros(slot + bytes, slot + stride);
      NativeMemory.copy(held.address() + (long) i * bytes, slot, bytes);
    }
    for (int slot = search.nextFree(0); slot < slotCount; slot = search.nextFree(slot + 1)) {
      // A key of another slot: whoever is sent here looks for something else.
      long at = base + (long) slot * stride;
      NativeMemory.fill(at, stride, (byte) 0);
      NativeMemory.copy(held.address(), at, keyLength);
    }
    if (room == 0) {
      slots.write(base, end);
    } else {
      if (slotCount > 0) {
        NativeMemory.copy(base, image.address(), stride);
      }
      slots.wrote((int) end);
    }
  }

  /** Zeros from an address to the end of a slot, and maybe some before. */
  private static void zeros(long from, long end) {
    for (long at = end; at > from; at -= Long.BYTES) {
      NativeMemory.putLong(at - Long.BYTES, 0);
    }
  }

  /**
   * Writes what is left, and the slot that an empty last partition leads to: it has a key of
   * another partition, so that it matches nothing.
   */
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
    for (long i = 0; i < words.size(); i++) {
      index.writeLong(words.get(i));
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
