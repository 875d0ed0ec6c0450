package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.CURRENT_VERSION;
import static io.featurekv.storage.ShardFileFormat.MAGIC;
import static io.featurekv.storage.ShardFileFormat.MAGIC_WORD;
import static io.featurekv.storage.ShardFileFormat.MAX_PAGE_BYTES;
import static io.featurekv.storage.ShardFileFormat.MIN_PAGE_BYTES;
import static io.featurekv.storage.ShardFileFormat.OLDEST_VERSION;
import static io.featurekv.storage.ShardFileFormat.SEAL_BYTES;
import static io.featurekv.storage.ShardFileFormat.SEAL_OFFSET;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** The record in page 0 that proves the rest of the file; see {@link ShardFileFormat}. */
record SealRecord(int formatVersion, int pageSize, long lengthBytes, int bodyChecksum) {
  private static final int VERSION_AT = SEAL_OFFSET + 8;
  private static final int PAGE_SIZE_AT = SEAL_OFFSET + 12;
  private static final int LENGTH_AT = SEAL_OFFSET + 16;
  private static final int BODY_CHECKSUM_AT = SEAL_OFFSET + 24;
  private static final int PAGE_CHECKSUM_AT = SEAL_OFFSET + 28;

  /** Writes the record into page 0, whose other bytes are final. */
  void writeTo(byte[] pageZero) {
    ByteBuffer page = ByteBuffer.wrap(pageZero).order(ByteOrder.LITTLE_ENDIAN);
    page.putLong(SEAL_OFFSET, MAGIC_WORD);
    page.putInt(VERSION_AT, formatVersion);
    page.putInt(PAGE_SIZE_AT, pageSize);
    page.putLong(LENGTH_AT, lengthBytes);
    page.putInt(BODY_CHECKSUM_AT, bodyChecksum);
    page.putInt(PAGE_CHECKSUM_AT, 0);
    page.putInt(PAGE_CHECKSUM_AT, checksum(page));
  }

  /**
   * Reads and checks page 0 and the file's length by plain reads; nothing is mapped.
   *
   * @throws FeatureKvException CORRUPT for what is no shard file and for a damaged one, CONFLICT
   *     for a format version that is too old or too new; the messages tell the four apart
   */
  static SealRecord read(Path file, FileChannel channel) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw notShardFile(file, "it is not a regular file");
    }
    long actualLength = channel.size();
    ByteBuffer start = read(channel, MIN_PAGE_BYTES);
    if (start.limit() < SEAL_OFFSET + SEAL_BYTES) {
      throw notShardFile(file, "it has only " + actualLength + " bytes");
    }
    if (start.getLong(SEAL_OFFSET) != MAGIC_WORD) {
      byte[] found = new byte[MAGIC.length()];
      start.get(SEAL_OFFSET, found);
      throw notShardFile(file, "found bytes " + HexFormat.of().formatHex(found));
    }
    int version = start.getInt(VERSION_AT);
    checkVersion(file, version);
    SealRecord record =
        new SealRecord(
            version,
            start.getInt(PAGE_SIZE_AT),
            start.getLong(LENGTH_AT),
            start.getInt(BODY_CHECKSUM_AT));
    record.check(file, channel, actualLength);
    return record;
  }

  private static void checkVersion(Path file, int version) {
    String supported = OLDEST_VERSION + " to " + CURRENT_VERSION;
    if (version < OLDEST_VERSION) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          file
              + " has a format that is too old: expected version "
              + supported
              + ", found "
              + version);
    }
    if (version > CURRENT_VERSION) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          file
              + " has a format that is too new for this release: expected version "
              + supported
              + ", found "
              + Integer.toUnsignedString(version));
    }
  }

  private void check(Path file, FileChannel channel, long actualLength) throws IOException {
    if (actualLength != lengthBytes) {
      throw FileErrors.corrupt(
          file, "expected a length of " + lengthBytes + " bytes, found " + actualLength);
    }
    boolean isPageSize =
        pageSize >= MIN_PAGE_BYTES && pageSize <= MAX_PAGE_BYTES && Integer.bitCount(pageSize) == 1;
    if (!isPageSize || lengthBytes % pageSize != 0 || lengthBytes < 2L * pageSize) {
      throw FileErrors.corrupt(
          file, "a page size of " + pageSize + " and " + lengthBytes + " bytes cannot be");
    }
    ByteBuffer page = read(channel, pageSize);
    int expected = page.getInt(PAGE_CHECKSUM_AT);
    page.putInt(PAGE_CHECKSUM_AT, 0);
    int actual = checksum(page);
    if (expected != actual) {
      throw FileErrors.corrupt(file, mismatch("page 0", expected, actual));
    }
  }

  /** Reads everything after page 0 and compares its checksum. */
  void checkBody(Path file) throws IOException {
    try (UncachedFile opened = UncachedFile.open(file);
        BodyReader body = new BodyReader(file, opened, this, bytes -> {})) {
      body.skipRest();
    }
  }

  /** Compares a checksum of the body. */
  void checkBody(Path file, int actual) {
    if (actual != bodyChecksum) {
      throw FileErrors.corrupt(file, mismatch("everything after page 0", bodyChecksum, actual));
    }
  }

  private static String mismatch(String what, int expected, int actual) {
    return "checksum of "
        + what
        + ": expected "
        + HexFormat.of().toHexDigits(expected)
        + ", found "
        + HexFormat.of().toHexDigits(actual);
  }

  private static FeatureKvException notShardFile(Path file, String found) {
    return new FeatureKvException(
        ErrorCode.CORRUPT,
        file
            + " is not a FeatureKV shard file: expected '"
            + MAGIC
            + "' at byte "
            + SEAL_OFFSET
            + ", "
            + found);
  }

  private static ByteBuffer read(FileChannel channel, int upTo) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(upTo).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
      // Reads on until the buffer is full or the file ends.
    }
    return bytes.flip();
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate());
    return (int) checksum.getValue();
  }
}
