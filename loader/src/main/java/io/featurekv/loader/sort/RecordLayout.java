package io.featurekv.loader.sort;

import io.featurekv.storage.NativeMemory;
import io.featurekv.storage.ShardWriter;

/**
 * A record's bytes, in memory and in runs, little-endian:
 *
 * <pre>
 * record := u16 head | u8, u16 or u32 valueLength | [u32 expirySeconds] | [u64 row] | key | value
 * head   := bits 0-8 keyLength | bit 9 expiry follows | bit 10 row follows | bit 11 deletion
 *           bits 12-13 bytes of valueLength: 0 one, 1 two, 2 four
 * </pre>
 *
 * <p>A deletion has no value. All methods take the address of a record.
 */
final class RecordLayout {
  /** Most bytes before the key. */
  static final int MAX_HEADER_BYTES = 2 + 4 + 4 + 8;

  private static final int KEY_LENGTH_MASK = 0x1FF;
  private static final int HAS_EXPIRY = 1 << 9;
  private static final int HAS_ROW = 1 << 10;
  private static final int DELETION = 1 << 11;
  private static final int LENGTH_SHIFT = 12;
  private static final int HEAD_BYTES = 2;
  private static final int U8_LIMIT = 1 << 8;
  private static final int U16_LIMIT = 1 << 16;

  private RecordLayout() {}

  /** Bytes before the key of a record to be written. */
  static int headerBytes(int valueLength, int expirySeconds, boolean withRow) {
    return HEAD_BYTES
        + (1 << lengthCode(valueLength))
        + (expirySeconds == ShardWriter.NO_EXPIRY ? 0 : Integer.BYTES)
        + (withRow ? Long.BYTES : 0);
  }

  private static int lengthCode(int valueLength) {
    return valueLength < U8_LIMIT ? 0 : valueLength < U16_LIMIT ? 1 : 2;
  }

  /** Writes what comes before the key; returns where the key goes. */
  static long putHeader(
      long record,
      int keyLength,
      int valueLength,
      boolean deletion,
      int expirySeconds,
      boolean withRow,
      long row) {
    boolean expires = expirySeconds != ShardWriter.NO_EXPIRY;
    int code = lengthCode(valueLength);
    int head =
        keyLength
            | (expires ? HAS_EXPIRY : 0)
            | (withRow ? HAS_ROW : 0)
            | (deletion ? DELETION : 0)
            | code << LENGTH_SHIFT;
    NativeMemory.putShort(record, (short) head);
    long at = record + HEAD_BYTES;
    switch (code) {
      case 0 -> NativeMemory.putByte(at, (byte) valueLength);
      case 1 -> NativeMemory.putShort(at, (short) valueLength);
      default -> NativeMemory.putInt(at, valueLength);
    }
    at += 1L << code;
    if (expires) {
      NativeMemory.putInt(at, expirySeconds);
      at += Integer.BYTES;
    }
    if (withRow) {
      NativeMemory.putLong(at, row);
      at += Long.BYTES;
    }
    return at;
  }

  private static int head(long record) {
    return NativeMemory.getU16(record);
  }

  private static int headerBytes(int head) {
    return HEAD_BYTES
        + (1 << (head >>> LENGTH_SHIFT))
        + ((head & HAS_EXPIRY) >>> 9 << 2)
        + ((head & HAS_ROW) >>> 10 << 3);
  }

  /** Bytes before the key; reads the first two bytes of the record. */
  static int headerBytes(long record) {
    return headerBytes(head(record));
  }

  static int keyLength(long record) {
    return head(record) & KEY_LENGTH_MASK;
  }

  static long key(long record) {
    return record + headerBytes(head(record));
  }

  static int valueLength(long record) {
    return valueLength(record, head(record));
  }

  private static int valueLength(long record, int head) {
    return switch (head >>> LENGTH_SHIFT) {
      case 0 -> NativeMemory.getU8(record + HEAD_BYTES);
      case 1 -> NativeMemory.getU16(record + HEAD_BYTES);
      default -> NativeMemory.getInt(record + HEAD_BYTES);
    };
  }

  static long value(long record) {
    int head = head(record);
    return record + headerBytes(head) + (head & KEY_LENGTH_MASK);
  }

  /** Bytes of the whole record. */
  static long bytes(long record) {
    int head = head(record);
    return (long) headerBytes(head) + (head & KEY_LENGTH_MASK) + valueLength(record, head);
  }

  static boolean isDeletion(long record) {
    return (head(record) & DELETION) != 0;
  }

  /** As in {@link ShardWriter#put}. */
  static int expirySeconds(long record) {
    int head = head(record);
    return (head & HAS_EXPIRY) == 0
        ? ShardWriter.NO_EXPIRY
        : NativeMemory.getInt(record + HEAD_BYTES + (1L << (head >>> LENGTH_SHIFT)));
  }

  /** The row that the record was made of, {@link RowLocation}; 0 where none was kept. */
  static long row(long record) {
    int head = head(record);
    return (head & HAS_ROW) == 0
        ? 0
        : NativeMemory.getLong(record + headerBytes(head) - Long.BYTES);
  }
}
