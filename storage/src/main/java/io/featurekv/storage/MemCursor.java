package io.featurekv.storage;

import java.util.Arrays;

/**
 * Walks a {@code mem} file in hash order: slots partition by partition, sorted, and the heap, which
 * is in order, side by side.
 */
final class MemCursor implements EntryCursor {
  private final MemImage image;
  private final byte[] hashed = new byte[io.featurekv.model.Limits.MAX_KEY_BYTES];

  /** Hashes of a partition's keys, sorted with the slots that hold them. */
  private final Slot[] slots = new Slot[MemLayout.MAX_SLOTS];

  private int slotCount;
  private int slotAt;
  private long partition;

  private long bucket;
  private int bucketPlace;
  private long heapEntry;
  private long heapHash;

  private boolean isInSlot;
  private long entry;

  private record Slot(long hash, long address) {}

  MemCursor(MemImage image) {
    this.image = image;
  }

  @Override
  public boolean first() {
    return at(0);
  }

  @Override
  public boolean at(double part) {
    partition = (long) (part * image.partitions());
    slotCount = 0;
    slotAt = 0;
    long number = (long) (part * image.bucketCount());
    bucket = image.buckets() + number * MemLayout.BUCKET_BYTES;
    bucketPlace = -1;
    nextSlot();
    nextInHeap();
    return choose();
  }

  @Override
  public boolean seek(byte[] key) {
    throw new UnsupportedOperationException("a mem file has no key order");
  }

  @Override
  public boolean next() {
    if (isInSlot) {
      slotAt++;
      nextSlot();
    } else {
      nextInHeap();
    }
    return choose();
  }

  private boolean choose() {
    boolean hasSlot = slotAt < slotCount;
    if (!hasSlot && heapEntry == 0) {
      return false;
    }
    isInSlot = hasSlot && (heapEntry == 0 || isSlotFirst(slots[slotAt]));
    entry = isInSlot ? slots[slotAt].address() : heapEntry;
    return true;
  }

  private boolean isSlotFirst(Slot slot) {
    int order = Long.compareUnsigned(slot.hash(), heapHash);
    if (order == 0) {
      int flags = NativeMemory.getInt(heapEntry);
      order =
          NativeMemory.compare(
              slot.address(),
              image.keyLength(),
              heapEntry + MemImage.headBytes(flags),
              NativeMemory.getU16(heapEntry + 4));
    }
    return order < 0;
  }

  /** Goes on to the next partition that has keys when one is at its end. */
  private void nextSlot() {
    while (slotAt == slotCount && partition < image.partitions()) {
      loadPartition(partition++);
    }
  }

  private void loadPartition(long number) {
    long where = image.directory(number);
    long first = image.slots() + (where >>> MemLayout.SLOT_COUNT_BITS);
    int count = (int) (where & MemLayout.MAX_SLOTS);
    long groups = image.partitions() * MemLayout.GROUPS;
    slotCount = 0;
    slotAt = 0;
    for (int slot = 0; slot < count; slot++) {
      long address = first + (long) slot * image.stride();
      long hash = hash(address, image.keyLength());
      long group = MemLayout.multiplyHigh(hash, groups);
      // Whoever belongs elsewhere only keeps the slot from matching.
      if (group >>> MemLayout.GROUP_BITS == number
          && MemLayout.slot(hash, image.seed(group), count) == slot) {
        slots[slotCount++] = new Slot(hash, address);
      }
    }
    Arrays.sort(slots, 0, slotCount, (a, b) -> Long.compareUnsigned(a.hash(), b.hash()));
  }

  private void nextInHeap() {
    heapEntry = 0;
    long end = image.index() + image.indexLength();
    bucketPlace++;
    while (bucket < end) {
      boolean isTaken =
          bucketPlace < MemLayout.BUCKET_PLACES && NativeMemory.getByte(bucket + bucketPlace) != 0;
      if (isTaken) {
        long offset = NativeMemory.getLong(bucket + 7 + 7L * bucketPlace) >>> 8;
        heapEntry = image.heap() + offset;
        checkInside(offset);
        int flags = NativeMemory.getInt(heapEntry);
        heapHash = hash(heapEntry + MemImage.headBytes(flags), NativeMemory.getU16(heapEntry + 4));
        return;
      }
      bucket += MemLayout.BUCKET_BYTES;
      bucketPlace = 0;
    }
  }

  private void checkInside(long offset) {
    long rest = image.heapLength() - offset;
    if (rest < MemLayout.ENTRY_HEADER_BYTES) {
      throw new IndexOutOfBoundsException("an entry at " + offset + " leaves the heap");
    }
    int flags = NativeMemory.getInt(heapEntry);
    long bytes =
        (long) MemImage.headBytes(flags)
            + NativeMemory.getU16(heapEntry + 4)
            + (flags & MemLayout.LENGTH_MASK);
    if (bytes > rest || NativeMemory.getU16(heapEntry + 4) > hashed.length) {
      throw new IndexOutOfBoundsException("an entry at " + offset + " leaves the heap");
    }
  }

  private long hash(long address, int length) {
    return NativeKeyHash.of(address, length, hashed);
  }

  private int flags() {
    return isInSlot ? image.valueLength() : NativeMemory.getInt(entry);
  }

  @Override
  public long keyAddress() {
    return isInSlot ? entry : entry + MemImage.headBytes(flags());
  }

  @Override
  public int keyLength() {
    return isInSlot ? image.keyLength() : NativeMemory.getU16(entry + 4);
  }

  @Override
  public boolean isTombstone() {
    return flags() < 0;
  }

  @Override
  public int expirySeconds() {
    boolean expires = (flags() & MemLayout.FLAG_EXPIRY) != 0;
    return expires
        ? NativeMemory.getInt(entry + MemLayout.ENTRY_HEADER_BYTES)
        : ShardWriter.NO_EXPIRY;
  }

  @Override
  public long valueAddress() {
    return keyAddress() + keyLength();
  }

  @Override
  public int valueLength() {
    return flags() & MemLayout.LENGTH_MASK;
  }

  @Override
  public void close() {}
}
