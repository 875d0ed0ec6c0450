package io.featurekv.storage;

import java.nio.file.Path;

/**
 * The parts of a {@code mem} file in memory, once they fit each other; see {@link MemLayout}.
 * Numbers named like parts are addresses.
 */
record MemImage(
    VirtualMemory memory,
    long index,
    long indexLength,
    long slots,
    long slotsLength,
    long heap,
    long heapLength,
    int keyLength,
    int valueLength,
    int stride,
    long partitions,
    long slotEntries,
    long homeBuckets,
    long heapEntries) {
  /** Touched beyond the last entry by the stages that fetch ahead. */
  static final int TAIL_BYTES = 2 * MemLayout.LINE_BYTES;

  static MemImage of(
      Path file,
      VirtualMemory memory,
      long index,
      long indexLength,
      long slots,
      long slotsLength,
      long heap,
      long heapLength) {
    if (indexLength < MemLayout.HEADER_BYTES) {
      throw FileErrors.corrupt(file, "an index of " + indexLength + " bytes");
    }
    MemImage image =
        new MemImage(
            memory,
            index,
            indexLength,
            slots,
            slotsLength,
            heap,
            heapLength,
            NativeMemory.getInt(index),
            NativeMemory.getInt(index + 4),
            NativeMemory.getInt(index + 8),
            NativeMemory.getLong(index + 16),
            NativeMemory.getLong(index + 24),
            NativeMemory.getLong(index + 32),
            NativeMemory.getLong(index + 40));
    image.check(file);
    return image;
  }

  private void check(Path file) {
    boolean isShape =
        partitions == 0
            || (keyLength > 0
                && valueLength >= 0
                && keyLength <= MemLayout.MAX_STRIDE
                && valueLength <= MemLayout.MAX_STRIDE
                && stride == MemLayout.stride(keyLength + valueLength));
    boolean fits =
        isShape
            && partitions >= 0
            && partitions <= indexLength / Long.BYTES
            && homeBuckets >= 0
            && homeBuckets <= indexLength / MemLayout.BUCKET_BYTES
            && NativeMemory.getLong(index + 48) == heapLength
            && (indexLength - MemLayout.bucketsOffset(partitions)) % MemLayout.BUCKET_BYTES == 0
            && indexLength - MemLayout.bucketsOffset(partitions)
                >= (homeBuckets == 0 ? 0 : homeBuckets + 1) * MemLayout.BUCKET_BYTES;
    if (!fits) {
      throw FileErrors.corrupt(file, "the parts of its index do not fit each other: " + this);
    }
    for (long partition = 0; partition < partitions; partition++) {
      long where = directory(partition);
      long offset = where >>> MemLayout.SLOT_COUNT_BITS;
      if (offset + ((where & MemLayout.MAX_SLOTS) + 1) * stride > slotsLength) {
        throw FileErrors.corrupt(file, "partition " + partition + " leaves the slots");
      }
    }
  }

  /** Offset of a partition's slots and their count, as they stand in the file. */
  long directory(long partition) {
    return NativeMemory.getLong(index + MemLayout.HEADER_BYTES + partition * Long.BYTES);
  }

  long seed(long group) {
    return NativeMemory.getU16(index + MemLayout.seedsOffset(partitions) + group * Short.BYTES);
  }

  long buckets() {
    return index + MemLayout.bucketsOffset(partitions);
  }

  long bucketCount() {
    return (index + indexLength - buckets()) / MemLayout.BUCKET_BYTES;
  }

  /** Bytes of an entry of the heap before its key. */
  static int headBytes(int flags) {
    return MemLayout.ENTRY_HEADER_BYTES
        + ((flags & MemLayout.FLAG_EXPIRY) == 0 ? 0 : Integer.BYTES);
  }
}
