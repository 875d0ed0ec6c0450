package io.featurekv.storage;

/**
 * How a {@code mem} file finds its entries; all numbers little-endian. Entries of the one shape
 * that nearly all have (key length, value length, neither tombstone nor expiry) lie in slots of a
 * perfect hash, the others in a heap under buckets; either part may be empty. Both are in hash
 * order as a whole.
 *
 * <pre>
 * index   := header directory seeds 0* buckets          (seeds padded to 64 bytes)
 * header  := u32 key length | u32 value length | u32 stride | u32 0
 *            u64 partitions | u64 entries in slots
 *            u64 home buckets | u64 entries in the heap | u64 length of the heap | u64 0
 * directory := per partition u64: offset of its first slot in the slots << 12 | count of its slots
 * seeds   := per seed group u16; 256 groups a partition
 * bucket  := 8 fingerprints of u8 (0 empty) | 8 x u56 offset of an entry in the heap
 * slots   := per partition its slots, each: key, value, zeros up to the stride
 * heap    := entries, each where it touches no more cache lines than it must:
 *            u32 flags and value length | u16 key length | u32 expiry if it has one | key | value
 * </pre>
 *
 * <p>A key of hash h belongs to group {@code mulhi(h, 256 * partitions)}, its partition is that
 * shifted by 8, its slot {@link #slot}. The seed of a group is the first that sends all its keys to
 * free slots, groups taken by falling size ("compress, hash and displace", Belazzougui, Botelho,
 * Dietzfelbinger 2009). A slot that no key was sent to holds a key that lives in another slot, so
 * that it matches nothing.
 *
 * <p>In the heap's index, a key's home bucket is {@code mulhi(h, home buckets)}; where that is full
 * it is in the next one, and so on; a bucket with a free place ends the search, and the last one
 * has one. The fingerprint is the lowest byte of the hash, 1 for 0. Keys with equal 64-bit hashes:
 * one of them may lie in a slot, the others lie in the heap, each compared whole.
 */
final class MemLayout {
  static final int HEADER_BYTES = 64;
  static final int KEYS_PER_GROUP = 4;
  static final int GROUP_BITS = 8;
  static final int GROUPS = 1 << GROUP_BITS;
  static final int SLOT_COUNT_BITS = 12;
  static final int MAX_SLOTS = (1 << SLOT_COUNT_BITS) - 1;
  static final int SEEDS = 1 << 16;
  static final double LOAD = 0.96;

  /** Entries whose key and value are longer than this together lie in the heap. */
  static final int MAX_STRIDE = 4096;

  static final int BUCKET_BYTES = 64;
  static final int BUCKET_PLACES = 8;
  static final int BUCKET_FILL = 4;
  static final int LINE_BYTES = 64;

  static final int FLAG_TOMBSTONE = 1 << 31;
  static final int FLAG_EXPIRY = 1 << 30;
  static final int LENGTH_MASK = FLAG_EXPIRY - 1;
  static final int ENTRY_HEADER_BYTES = 6;

  static final long LOW_BITS = 0x0101010101010101L;
  static final long HIGH_BITS = 0x8080808080808080L;

  static final long SEED_FACTOR = 0x9E3779B97F4A7C15L;
  private static final long MIX_FACTOR = 0xD6E8FEB86659FD93L;

  private MemLayout() {}

  /** The slot of a key in its partition. */
  static long slot(long hash, long seed, long slots) {
    return slotOfTerm(hash, seed * SEED_FACTOR, slots);
  }

  /** The same, from the product of the seed and its factor. */
  static long slotOfTerm(long hash, long term, long slots) {
    long mixed = (hash ^ term) * MIX_FACTOR;
    return ((mixed >>> 32) * slots) >>> 32;
  }

  /** The high 64 bits of the product of two unsigned numbers. */
  static long multiplyHigh(long hash, long count) {
    return Math.unsignedMultiplyHigh(hash, count);
  }

  static long fingerprint(long hash) {
    long low = hash & 0xFF;
    return low == 0 ? 1 : low;
  }

  /** Marks, by the high bit of its byte, at least the lowest zero byte of a word. */
  static long zeroBytes(long word) {
    return (word - LOW_BITS) & ~word & HIGH_BITS;
  }

  /** Bytes of a slot for so many of key and value: half lines waste nothing but bytes. */
  static int stride(int bytes) {
    if (bytes <= 8) {
      return 8;
    }
    return bytes <= 16 ? 16 : (bytes + 31) & ~31;
  }

  /** Where an entry of the heap goes, at {@code from} or a little after it. */
  static long place(long from, long bytes) {
    long at = (from + 7) & -8L;
    long lines = (bytes + LINE_BYTES - 1) / LINE_BYTES;
    long inLine = at & (LINE_BYTES - 1);
    return inLine + bytes <= lines * LINE_BYTES ? at : (at + LINE_BYTES - 1) & -LINE_BYTES;
  }

  static long seedsOffset(long partitions) {
    return HEADER_BYTES + partitions * Long.BYTES;
  }

  static long bucketsOffset(long partitions) {
    long end = seedsOffset(partitions) + partitions * GROUPS * Short.BYTES;
    return (end + LINE_BYTES - 1) & -LINE_BYTES;
  }
}
