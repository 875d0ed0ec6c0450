package io.featurekv.storage;

import java.util.Arrays;

/**
 * Writes the heap of a {@code mem} file and the buckets that lead to it, from entries in hash
 * order; see {@link MemLayout}. Keeps 16 bytes an entry until the end. One thread.
 */
final class HeapWriter implements AutoCloseable {
  private final BlobWriter heap;
  private final GrowingLongs hashes = new GrowingLongs();
  private final GrowingLongs offsets = new GrowingLongs();

  HeapWriter(BlobWriter heap) {
    this.heap = heap;
  }

  void add(IncomingEntry entry) {
    boolean expires = entry.expirySeconds != ShardWriter.NO_EXPIRY;
    int headLength = MemLayout.ENTRY_HEADER_BYTES + (expires ? Integer.BYTES : 0);
    int flags =
        (entry.isTombstone ? MemLayout.FLAG_TOMBSTONE : 0) | (expires ? MemLayout.FLAG_EXPIRY : 0);
    long offset = MemLayout.place(heap.length(), headLength + entry.bytes());
    heap.zeros(offset - heap.length());
    heap.writeInt(flags | entry.valueLength);
    heap.writeShort((short) entry.keyLength);
    if (expires) {
      heap.writeInt(entry.expirySeconds);
    }
    heap.write(entry.key, entry.keyLength);
    heap.write(entry.value, entry.valueLength);
    hashes.add(entry.hash);
    offsets.add(offset);
  }

  long entries() {
    return hashes.size();
  }

  long homeBuckets() {
    return hashes.size() == 0
        ? 0
        : (hashes.size() + MemLayout.BUCKET_FILL - 1) / MemLayout.BUCKET_FILL;
  }

  /** Appends the buckets; returns how many. */
  long writeBuckets(BlobWriter index) {
    long homes = homeBuckets();
    if (homes == 0) {
      return 0;
    }
    byte[] bucket = new byte[MemLayout.BUCKET_BYTES];
    long number = 0;
    int filled = 0;
    for (long i = 0; i < hashes.size(); i++) {
      long hash = hashes.get(i);
      long home = MemLayout.multiplyHigh(hash, homes);
      while (number < home || filled == MemLayout.BUCKET_PLACES) {
        index.write(bucket, 0, bucket.length);
        Arrays.fill(bucket, (byte) 0);
        number++;
        filled = 0;
      }
      put(bucket, filled++, MemLayout.fingerprint(hash), offsets.get(i));
    }
    index.write(bucket, 0, bucket.length);
    number++;
    // Up to the last home, and one that surely has a free place.
    long total = Math.max(number, homes) + 1;
    index.zeros((total - number) * MemLayout.BUCKET_BYTES);
    return total;
  }

  private static void put(byte[] bucket, int place, long fingerprint, long offset) {
    bucket[place] = (byte) fingerprint;
    int at = MemLayout.BUCKET_PLACES + place * 7;
    for (int i = 0; i < 7; i++) {
      bucket[at + i] = (byte) (offset >>> (8 * i));
    }
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    hashes.close();
    offsets.close();
  }
}
