package io.featurekv.storage;

/**
 * Says of most absent keys that they are absent: a split block Bloom filter (Putze, Sanders,
 * Singler 2007; Apache Parquet's is its kin), {@value #BITS_PER_KEY} bits a key, eight of them set,
 * all in 32 bytes, so that asking costs one cache line. About one absent key in 150 passes.
 *
 * <pre>
 * filter := u64 blocks | 56 zero bytes | blocks x 4 x u64
 * </pre>
 *
 * <p>Block {@code mulhi(hash, blocks)}; word i of it has the bits {@code m >>> 12i} and {@code m
 * >>> 12i + 6} (six bits each) of {@code m = (hash ^ hash >>> 29) * 0x9E3779B97F4A7C15}, 64 bits
 * wide.
 */
final class KeyFilter {
  static final int BITS_PER_KEY = 12;
  static final int HEADER_BYTES = 64;
  static final int BLOCK_BYTES = 32;
  private static final int BLOCK_WORDS = BLOCK_BYTES / Long.BYTES;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final long blocks;
  private final long base;

  /** The filter at an address; its length was checked. */
  KeyFilter(long address) {
    this.blocks = NativeMemory.getLong(address);
    this.base = address + HEADER_BYTES;
  }

  /** Length of a filter whose header stands at an address, or -1 where that cannot be. */
  static long lengthAt(long address, long room) {
    long count = room < HEADER_BYTES ? 0 : NativeMemory.getLong(address);
    return count < 1 || count > (room - HEADER_BYTES) / BLOCK_BYTES
        ? -1
        : HEADER_BYTES + count * BLOCK_BYTES;
  }

  /** Enters a key of this hash into its block. */
  static void enter(long block, long hash) {
    long mixed = mix(hash);
    for (int word = 0; word < BLOCK_WORDS; word++) {
      long at = block + (long) word * Long.BYTES;
      NativeMemory.putLong(at, NativeMemory.getLong(at) | mask(mixed, word));
    }
  }

  /** Address of the block that decides about a hash. */
  long block(long hash) {
    return block(base, blocks, hash);
  }

  /** The same in a filter whose blocks begin at an address. */
  static long block(long base, long blocks, long hash) {
    return base + Math.unsignedMultiplyHigh(hash, blocks) * BLOCK_BYTES;
  }

  /** Whether a key of this hash may be there, by its block. */
  static boolean mayContain(long block, long hash) {
    long mixed = mix(hash);
    long missing = 0;
    for (int word = 0; word < BLOCK_WORDS; word++) {
      missing |= mask(mixed, word) & ~NativeMemory.getLong(block + (long) word * Long.BYTES);
    }
    return missing == 0;
  }

  private static long mix(long hash) {
    return (hash ^ hash >>> 29) * MIX;
  }

  private static long mask(long mixed, int word) {
    return (1L << (mixed >>> (12 * word))) | (1L << (mixed >>> (12 * word + 6)));
  }
}
