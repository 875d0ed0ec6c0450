package io.featurekv.storage;

import io.featurekv.model.TableKind;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a shard file, format version {@value #CURRENT_VERSION}. All numbers are
 * little-endian.
 *
 * <p>A shard file is one LMDB 0.9 environment in one file ({@code MDB_NOSUBDIR}); LMDB's own tools
 * open it. Its two meta pages say the same, and what LMDB leaves to chance is zero, so that equal
 * entries give equal files. LMDB leaves most of page 0 free; there stands the seal record:
 *
 * <pre>
 * page 0 at {@value #SEAL_OFFSET}:
 *   8 bytes  magic "FKVSHARD"
 *   u32      format version
 *   u32      page size of the environment (a power of two, 4096..65536)
 *   u64      length of the file in bytes, a whole number of pages
 *   u32      CRC32C of every byte from page 1 to the end
 *   u32      CRC32C of page 0 with these four bytes zero
 * </pre>
 *
 * <p>Magic, version and length are read by plain reads before anything is mapped. The environment
 * holds two named databases.
 *
 * <p>{@code info}: text keys with text values ({@code dictionary} is binary):
 *
 * <pre>
 *   format, table, version, shard, shards,
 *   kind (mem, idx, blk), mode (full, incremental),
 *   entries (keys with a value), tombstones, keyBytes (of both), valueBytes,
 *   records (entries of the database data),
 *   dictionary (blk only, absent if none: a zstd dictionary), dictionaryChecksum (its CRC32C)
 * </pre>
 *
 * <p>{@code data} of kinds {@code mem} and {@code idx}: key to {@code u8 flags, value}. {@code
 * data} of kind {@code blk}: the first key of a block to the block. Keys of 1 to 500 bytes in
 * ascending unsigned byte order, a proper prefix before what it begins.
 *
 * <pre>
 *   flags   := 0 a value | 1 a tombstone (the value is empty; in incremental files only)
 *   block   := u32 CRC32C of the rest of the block
 *              u8 codec (0 plain, 1 zstd, 2 zstd with the file's dictionary)
 *              u8 0
 *              u16 count of entries, 1 or more
 *              u32 length of the entries before compression
 *              stored entries: plain, or one zstd frame without magic, content size, dictionary id and checksum
 *   entries := count x (u16 key length, u8 flags, u8 0, u32 value length, key, value)
 * </pre>
 *
 * <p>A block has at most {@value #BLOCK_ENTRIES} entries; one that would take it beyond {@value
 * #BLOCK_TARGET_BYTES} bytes begins the next, so that a huge value has a block to itself.
 */
final class ShardFileFormat {
  /** The version that is written. */
  static final int CURRENT_VERSION = 1;

  /** The oldest version that is still read. */
  static final int OLDEST_VERSION = 1;

  static final String MAGIC = "FKVSHARD";

  /** "FKVSHARD" read as one little-endian number. */
  static final long MAGIC_WORD = 0x4452414853564B46L;

  static final int SEAL_OFFSET = 2048;
  static final int SEAL_BYTES = 32;

  static final int MIN_PAGE_BYTES = 4096;
  static final int MAX_PAGE_BYTES = 65536;

  static final byte FLAG_VALUE = 0;
  static final byte FLAG_TOMBSTONE = 1;

  static final int BLOCK_ENTRIES = 8;
  static final int BLOCK_TARGET_BYTES = 32 << 10;
  static final int BLOCK_HEADER_BYTES = 12;
  static final int BLOCK_ENTRY_HEADER_BYTES = 8;

  static final byte CODEC_PLAIN = 0;
  static final byte CODEC_ZSTD = 1;
  static final byte CODEC_ZSTD_DICTIONARY = 2;

  private static final byte[] INFO_DATABASE = "info".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DATA_DATABASE = "data".getBytes(StandardCharsets.US_ASCII);

  private ShardFileFormat() {}

  static byte[] infoDatabase() {
    return INFO_DATABASE.clone();
  }

  static byte[] dataDatabase() {
    return DATA_DATABASE.clone();
  }

  /** Whether the entries of a kind are packed into blocks. */
  static boolean isBlocked(TableKind kind) {
    return switch (kind) {
      case MEM, IDX -> false;
      case BLK -> true;
    };
  }
}
