package io.featurekv.storage;

/**
 * The bytes of a shard file, format version {@value #CURRENT_VERSION}. All numbers are
 * little-endian.
 *
 * <p>A shard file is one LMDB 0.9 environment in one file ({@code MDB_NOSUBDIR}) with pages of
 * {@value #PAGE_BYTES} bytes; LMDB's own tools open it. It is written front to back without LMDB:
 * its two meta pages say the same, no page is free, what LMDB leaves to chance is zero, so that
 * equal entries give equal files. LMDB leaves most of page 0 free; there stands the seal record:
 *
 * <pre>
 * page 0 at {@value #SEAL_OFFSET}:
 *   8 bytes  magic "FKVSHARD"
 *   u32      format version
 *   u32      page size of the environment
 *   u64      length of the file in bytes, a whole number of pages
 *   u32      checksum of the body: CRC32C over the CRC32C (u32) of every piece of 4 MiB in order,
 *            the first from page 1 on
 *   u32      CRC32C of page 0 with these four bytes zero
 * </pre>
 *
 * <p>Magic, version and length are read by plain reads before anything is mapped. The environment
 * holds named databases. A blob is a database whose values, of {@value #BLOB_CHUNK_BYTES} bytes
 * each but the last, make one long run of bytes; its keys are u32 big-endian from 0.
 *
 * <p>{@code info}: text keys with text values ({@code dictionary} is binary):
 *
 * <pre>
 *   format, table, version, shard, shards,
 *   kind (mem, idx, blk), mode (full, incremental),
 *   entries (keys with a value), tombstones, keyBytes (of both), valueBytes,
 *   firstKey, lastKey (hex, in the order of the file; absent if there is none)
 *   entriesChecksum (16 hex digits: the sum of {@link EntryChecksum} over all entries and
 *        tombstones; absent in files of older releases)
 *   blk: blocks, blockEntries, plainBytes, storedBytes (of the values, before and after compression),
 *        dictionary (absent if none: a zstd dictionary), dictionaryChecksum (its CRC32C)
 *   idx, blk: indexChecksum, filterChecksum (CRC32C of the blobs)
 * </pre>
 *
 * <p>Kind {@code mem}: the blobs {@code index}, {@code slots} and {@code heap}; see {@link
 * MemLayout}.
 *
 * <p>Kind {@code idx}: {@code data} is an ordered database, key to {@code flags, value}; the blobs
 * {@code index} ({@link KeyIndex}, places are its leaf pages) and {@code filter} ({@link
 * KeyFilter}).
 *
 * <pre>
 *   flags := u8 0 a value | u8 1 a tombstone (the value is empty) | u8 2, u32 expiry: a value
 * </pre>
 *
 * <p>Kind {@code blk}: {@code data} holds blocks, one behind the other from multiples of 8 bytes of
 * the file, none across two values; the blobs {@code index} (places are the blocks) and {@code
 * filter}.
 *
 * <pre>
 *   block := u32 CRC32C of the rest of the block
 *            u32 length of the stored values | u32 length of the plain values
 *            u16 count of entries, 1 or more
 *            u8 codec (0 plain, 1 zstd, 2 zstd with the file's dictionary)
 *            u8 shape (1: keys of one length, 2: values of one length and nothing else, 4: expiries)
 *            u16 length of what all keys begin with | u16 length of the rest of each (shape 1)
 *            what all keys begin with
 *            not shape 1: count x u16 length of the rest of each
 *            count x rest of the key
 *            not shape 2: count x u32 bit 31 tombstone, bit 30 expiry, the others length of the value
 *            shape 4: count x u32 expiry
 *            stored values: all values, plain or one zstd frame without magic, content size,
 *                           dictionary id and checksum
 * </pre>
 *
 * <p>A block has at most as many entries as its table says; one that would take it beyond {@value
 * #BLOCK_TARGET_BYTES} bytes begins the next, so that a huge value has a block to itself.
 *
 * <p>Keys have 1 to 500 bytes. Files of kinds {@code idx} and {@code blk} are in ascending unsigned
 * byte order, a proper prefix before what it begins; {@code mem} in the order of hashes. Expiries
 * are seconds since 1970, 0 for never. Tombstones stand in incremental files only.
 *
 * <p>Format 1, still read: body checksum the CRC32C of every byte from page 1 on; {@code data} of
 * kinds {@code mem} and {@code idx} as {@code idx} above without expiries; of kind {@code blk} an
 * ordered database from the first key of a block to the block, of at most {@value
 * #V1_BLOCK_ENTRIES} entries; {@code info} has {@code records}, the count of entries of {@code
 * data}.
 *
 * <pre>
 *   block   := u32 CRC32C of the rest of the block | u8 codec | u8 0 | u16 count of entries
 *              u32 length of the entries before compression | stored entries
 *   entries := count x (u16 key length, u8 flags, u8 0, u32 value length, key, value)
 * </pre>
 */
final class ShardFileFormat {
  /** The version that is written. */
  static final int CURRENT_VERSION = 2;

  /** The oldest version that is still read. */
  static final int OLDEST_VERSION = 1;

  static final String MAGIC = "FKVSHARD";

  /** "FKVSHARD" read as one little-endian number. */
  static final long MAGIC_WORD = 0x4452414853564B46L;

  static final int SEAL_OFFSET = 2048;
  static final int SEAL_BYTES = 32;

  static final int PAGE_BITS = 12;
  static final int PAGE_BYTES = 1 << PAGE_BITS;
  static final int MIN_PAGE_BYTES = 4096;
  static final int MAX_PAGE_BYTES = 65536;

  /** With its page header it fills whole pages. */
  static final int BLOB_CHUNK_BYTES = (4 << 20) - LmdbImage.PAGE_HEADER_BYTES;

  static final byte FLAG_VALUE = 0;
  static final byte FLAG_TOMBSTONE = 1;
  static final byte FLAG_EXPIRY = 2;

  static final int BLOCK_UNIT_BITS = 3;
  static final int BLOCK_TARGET_BYTES = 32 << 10;

  static final byte CODEC_PLAIN = 0;
  static final byte CODEC_ZSTD = 1;
  static final byte CODEC_ZSTD_DICTIONARY = 2;

  static final String INFO = "info";
  static final String DATA = "data";
  static final String INDEX = "index";
  static final String FILTER = "filter";
  static final String SLOTS = "slots";
  static final String HEAP = "heap";

  static final int V1_BLOCK_ENTRIES = 8;
  static final int V1_BLOCK_HEADER_BYTES = 12;
  static final int V1_BLOCK_ENTRY_HEADER_BYTES = 8;

  private ShardFileFormat() {}
}
