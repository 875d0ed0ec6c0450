package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.TableName;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the values of some keys of one table at one version.
 *
 * <pre>
 * u32 timeoutMillis | u64 version | u64 readTimeMillis | u8 n, table | u32 count
 *   | count x (u16 n, key) | [columns, see {@link ColumnNames}]
 * </pre>
 *
 * Flag bit 0 of the frame is {@link #NO_FORWARD}, bit 1 {@link #COLUMNS}. A decoded request is a
 * view of the bytes that it was decoded from and lives as long as they do.
 */
public final class BatchGetRequest {
  /** Frame flag: answer from this node or fail, do not ask another node. */
  public static final int NO_FORWARD = 1;

  /** Frame flag: columns are behind the keys. */
  public static final int COLUMNS = 2;

  /** What a body has besides its keys and columns: so many bytes at most. */
  public static final int MAX_OVERHEAD_BYTES = 4 + 8 + 8 + 1 + TableName.MAX_BYTES + 4;

  /** What a key takes in a body besides its own bytes. */
  public static final int KEY_OVERHEAD_BYTES = 2;

  private final String table;
  private final long version;
  private final long readTimeMillis;
  private final int timeoutMillis;
  private final ByteBuffer buffer;
  private final int[] keyOffsets;
  private final @Nullable List<String> columns;

  private BatchGetRequest(
      String table,
      long version,
      long readTimeMillis,
      int timeoutMillis,
      ByteBuffer buffer,
      int[] keyOffsets,
      @Nullable List<String> columns) {
    this.table = table;
    this.version = version;
    this.readTimeMillis = readTimeMillis;
    this.timeoutMillis = timeoutMillis;
    this.buffer = buffer;
    this.keyOffsets = keyOffsets;
    this.columns = columns;
  }

  /** The body of a BATCH_GET frame that asks for values as they are. */
  public static ByteBuffer encode(
      String table, long version, long readTimeMillis, int timeoutMillis, List<byte[]> keys) {
    return encode(table, version, readTimeMillis, timeoutMillis, keys, null);
  }

  /**
   * The body of a BATCH_GET frame.
   *
   * @param version 0: the active one
   * @param readTimeMillis the time by which entries have expired or not, since 1970; 0: the node's
   *     read time
   * @param timeoutMillis how long the client waits; below 1 is sent as 1
   * @param columns bytes of {@link ColumnNames}, for a frame with the flag {@link #COLUMNS}; null:
   *     values as they are
   * @throws FeatureKvException INVALID_ARGUMENT or TOO_LARGE when a name, a key or the batch is
   *     beyond its limits
   */
  public static ByteBuffer encode(
      String table,
      long version,
      long readTimeMillis,
      int timeoutMillis,
      List<byte[]> keys,
      byte @Nullable [] columns) {
    checkCount(keys.size());
    byte[] name = Fields.shortTextBytes(TableName.checked("table", table), "table");
    int bytes = 4 + 8 + 8 + 1 + name.length + 4;
    for (int i = 0; i < keys.size(); i++) {
      int length = keys.get(i).length;
      Fields.checkKeyLength(length, i, Limits.MAX_KEY_BYTES);
      bytes += KEY_OVERHEAD_BYTES + length;
    }
    bytes += columns == null ? 0 : columns.length;
    ByteBuffer out = Fields.allocate(bytes);
    out.putInt(Math.max(1, timeoutMillis)).putLong(version).putLong(readTimeMillis);
    Fields.putShortText(out, name);
    out.putInt(keys.size());
    for (byte[] key : keys) {
      out.putShort((short) key.length).put(key);
    }
    if (columns != null) {
      out.put(columns);
    }
    return out.flip();
  }

  /**
   * Length of a body with so many bytes of keys, {@link #KEY_OVERHEAD_BYTES} of each included, and
   * without columns.
   */
  public static int bodyBytes(String table, int keyBytes) {
    return MAX_OVERHEAD_BYTES - TableName.MAX_BYTES + table.length() + keyBytes;
  }

  /**
   * Writes a body as {@link #encode} does, of fields that were checked before.
   *
   * @param out little-endian, with room for {@link #bodyBytes} and the columns
   * @param wanted indexes into {@code keys} of those to ask for; null: all
   * @param columns as for {@link #encode}
   */
  public static void write(
      ByteBuffer out,
      String table,
      long version,
      long readTimeMillis,
      int timeoutMillis,
      byte[][] keys,
      int @Nullable [] wanted,
      byte @Nullable [] columns) {
    out.putInt(Math.max(1, timeoutMillis)).putLong(version).putLong(readTimeMillis);
    out.put((byte) table.length());
    for (int i = 0; i < table.length(); i++) {
      out.put((byte) table.charAt(i));
    }
    int count = wanted == null ? keys.length : wanted.length;
    out.putInt(count);
    for (int i = 0; i < count; i++) {
      byte[] key = keys[wanted == null ? i : wanted[i]];
      out.putShort((short) key.length).put(key);
    }
    if (columns != null) {
      out.put(columns);
    }
  }

  /** Reads the body of a BATCH_GET frame without flags. */
  public static BatchGetRequest decode(ByteBuffer body) {
    return decode(body, 0);
  }

  /**
   * Reads the body of a BATCH_GET frame and checks every bound in it.
   *
   * @param flags of the frame
   * @throws FeatureKvException PROTOCOL when the bytes do not add up, INVALID_ARGUMENT or TOO_LARGE
   *     when a name, a key, the timeout or the batch is beyond its limits
   */
  public static BatchGetRequest decode(ByteBuffer body, int flags) {
    ByteBuffer in = Fields.littleEndian(body);
    int timeoutMillis = checkTimeout(Fields.u32(in, "BATCH_GET timeoutMillis"));
    long version = Fields.u64(in, "BATCH_GET version");
    long readTimeMillis = checkReadTime(Fields.u64(in, "BATCH_GET readTimeMillis"));
    String table = TableName.checked("table", Fields.shortText(in, "BATCH_GET table"));
    int count = checkCount(Fields.u32(in, "BATCH_GET count"));
    Fields.need(in, (long) count * (KEY_OVERHEAD_BYTES + 1), "BATCH_GET keys");
    int[] keyOffsets = new int[count];
    int position = in.position();
    int limit = in.limit();
    for (int i = 0; i < count; i++) {
      if (limit - position < KEY_OVERHEAD_BYTES) {
        throw Fields.malformed("BATCH_GET ends before key " + i + " of " + count);
      }
      int length = in.getShort(position) & 0xFFFF;
      Fields.checkKeyLength(length, i, Limits.MAX_KEY_BYTES);
      position += KEY_OVERHEAD_BYTES;
      if (limit - position < length) {
        throw Fields.malformed("BATCH_GET ends inside key " + i + " of " + count);
      }
      keyOffsets[i] = position;
      position += length;
    }
    in.position(position);
    List<String> columns = (flags & COLUMNS) == 0 ? null : ColumnNames.decode(in);
    Fields.end(in, "BATCH_GET");
    return new BatchGetRequest(
        table, version, readTimeMillis, timeoutMillis, in, keyOffsets, columns);
  }

  static int checkTimeout(int timeoutMillis) {
    if (timeoutMillis < 1) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "timeoutMillis is 0, expected 1 or more");
    }
    return timeoutMillis;
  }

  static long checkReadTime(long readTimeMillis) {
    if (readTimeMillis < 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "readTimeMillis " + Long.toUnsignedString(readTimeMillis) + " is 2^63 or more");
    }
    return readTimeMillis;
  }

  static int checkCount(int count) {
    if (count > Limits.MAX_BATCH_KEYS) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a batch of " + count + " keys, at most " + Limits.MAX_BATCH_KEYS + " are allowed");
    }
    return count;
  }

  /** The table's name, valid as a name. */
  public String table() {
    return table;
  }

  /** The version asked for; 0: the active one. */
  public long version() {
    return version;
  }

  /**
   * Entries that expire at this time, in ms since 1970, or before are ABSENT; 0: the node's time.
   */
  public long readTimeMillis() {
    return readTimeMillis;
  }

  /** How long the client waits from when it sent this; 1 or more. */
  public int timeoutMillis() {
    return timeoutMillis;
  }

  /** The columns that are asked for, none: all; null: values as they are. */
  public @Nullable List<String> columns() {
    return columns;
  }

  /** How many keys; 0 to {@link Limits#MAX_BATCH_KEYS}. */
  public int count() {
    return keyOffsets.length;
  }

  /** The bytes that {@link #keyOffset} points into, little-endian; not a copy. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Absolute index in {@link #buffer()} of the first byte of a key. */
  public int keyOffset(int index) {
    return keyOffsets[index];
  }

  /** Length of a key: 1 to {@link Limits#MAX_KEY_BYTES}. */
  public int keyLength(int index) {
    return buffer.getShort(keyOffsets[index] - KEY_OVERHEAD_BYTES) & 0xFFFF;
  }

  /** A copy of a key. */
  public byte[] key(int index) {
    byte[] key = new byte[keyLength(index)];
    buffer.get(keyOffsets[index], key);
    return key;
  }
}
