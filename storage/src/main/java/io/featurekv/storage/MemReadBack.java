package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.file.Path;

/**
 * Reads every entry of a {@code mem} file back, front to back, and checks that it lies where the
 * hash of its key leads a lookup. One thread, used once.
 */
final class MemReadBack {
  private final Path file;
  private final MemImage image;
  private final MemBytes bytes;
  private final EntrySum sum = new EntrySum();

  /**
   * Of an image, or of its index alone.
   *
   * @param bytes where slots and heap are read
   */
  MemReadBack(Path file, MemImage image, MemBytes bytes) {
    this.file = file;
    this.image = image;
    this.bytes = bytes;
  }

  EntryTotals run() {
    for (long partition = 0; partition < image.partitions(); partition++) {
      addSlots(partition);
    }
    long inSlots = sum.totals().entries();
    if (inSlots != image.slotEntries()) {
      throw corrupt(
          "expected " + image.slotEntries() + " entries in slots, found " + inSlots + " in place");
    }
    long inHeap = addHeap();
    if (inHeap != image.heapEntries()) {
      throw corrupt("expected " + image.heapEntries() + " entries in the heap, found " + inHeap);
    }
    return sum.totals();
  }

  /** Who belongs elsewhere only keeps a slot from matching. */
  private void addSlots(long partition) {
    long where = image.directory(partition);
    int slots = (int) (where & MemLayout.MAX_SLOTS);
    int keyLength = image.keyLength();
    int valueLength = image.valueLength();
    int stride = image.stride();
    if (slots == 0) {
      return;
    }
    long groups = image.partitions() * MemLayout.GROUPS;
    long address = bytes.slots(where >>> MemLayout.SLOT_COUNT_BITS, slots * stride);
    for (int slot = 0; slot < slots; slot++) {
      long hash = sum.hash(address, keyLength);
      long group = MemLayout.multiplyHigh(hash, groups);
      if (group >>> MemLayout.GROUP_BITS == partition
          && MemLayout.slot(hash, image.seed(group), slots) == slot) {
        long value = address + keyLength;
        sum.add(
            hash,
            address,
            keyLength,
            value,
            valueLength,
            ShardWriter.NO_EXPIRY,
            /* isTombstone= */ false);
      }
      address += stride;
    }
  }

  /** Returns how many there are. */
  private long addHeap() {
    long buckets = image.bucketCount();
    long firstOfRun = 0;
    long count = 0;
    for (long number = 0; number < buckets; number++) {
      long bucket = image.buckets() + number * MemLayout.BUCKET_BYTES;
      long fingerprints = NativeMemory.getLong(bucket);
      for (int place = 0; place < MemLayout.BUCKET_PLACES; place++) {
        long fingerprint = fingerprints >>> (8 * place) & 0xFF;
        if (fingerprint != 0) {
          addFromHeap(bucket, place, fingerprint, firstOfRun, number);
          count++;
        }
      }
      if (MemLayout.zeroBytes(fingerprints) != 0) {
        firstOfRun = number + 1;
      }
    }
    return count;
  }

  /** A lookup begins at the key's home bucket and goes on while buckets are full. */
  private void addFromHeap(long bucket, int place, long fingerprint, long firstOfRun, long number) {
    long offset = NativeMemory.getLong(bucket + 7 + 7L * place) >>> 8;
    long rest = image.heapLength() - offset;
    if (rest < MemLayout.ENTRY_HEADER_BYTES) {
      throw corrupt("an entry at " + offset + " leaves the heap");
    }
    long entry = bytes.heap(offset, MemLayout.ENTRY_HEADER_BYTES);
    int flags = NativeMemory.getInt(entry);
    int head = MemImage.headBytes(flags);
    int keyLength = NativeMemory.getU16(entry + 4);
    int valueLength = flags & MemLayout.LENGTH_MASK;
    if ((long) head + keyLength + valueLength > rest
        || keyLength < 1
        || keyLength > Limits.MAX_KEY_BYTES) {
      throw corrupt("an entry at " + offset + " leaves the heap");
    }
    entry = bytes.heap(offset, head + keyLength + valueLength);
    long key = entry + head;
    long hash = sum.hash(key, keyLength);
    long home = MemLayout.multiplyHigh(hash, image.homeBuckets());
    if (MemLayout.fingerprint(hash) != fingerprint || home < firstOfRun || home > number) {
      throw corrupt(
          "the entry at "
              + offset
              + " of the heap is in bucket "
              + number
              + ", its home is "
              + home);
    }
    boolean expires = (flags & MemLayout.FLAG_EXPIRY) != 0;
    int expiry =
        expires ? NativeMemory.getInt(entry + MemLayout.ENTRY_HEADER_BYTES) : ShardWriter.NO_EXPIRY;
    sum.add(hash, key, keyLength, key + keyLength, valueLength, expiry, flags < 0);
  }

  private FeatureKvException corrupt(String what) {
    return FileErrors.corrupt(file, what);
  }
}
