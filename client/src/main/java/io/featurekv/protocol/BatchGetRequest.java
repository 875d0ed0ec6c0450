package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Body of BATCH_GET: {@code u32 timeoutMillis | u64 version (0: the active one) | u8 n, table | u32
 * count | count x (u16 n, key)}. The frame flag {@link #NO_FORWARD} asks for what the node itself
 * has.
 *
 * <p>A decoded request is a view of the body: it is valid as long as the body is.
 */
public final class BatchGetRequest {
  /** Frame flag: do not ask other nodes. */
  public static final int NO_FORWARD = 1;

  private final String table;
  private final long version;
  private final int timeoutMillis;
  private final ByteBuffer buffer;
  private final int[] keyOffsets;
  private final short[] keyLengths;

  private BatchGetRequest(
      String table,
      long version,
      int timeoutMillis,
      ByteBuffer buffer,
      int[] keyOffsets,
      short[] keyLengths) {
    this.table = table;
    this.version = version;
    this.timeoutMillis = timeoutMillis;
    this.buffer = buffer;
    this.keyOffsets = keyOffsets;
    this.keyLengths = keyLengths;
  }

  /**
   * The bytes.
   *
   * @throws FeatureKvException TOO_LARGE for too many keys, INVALID_ARGUMENT for a key that is
   *     empty or too long
   */
  public static ByteBuffer encode(
      String table, long version, int timeoutMillis, List<byte[]> keys) {
    checkCount(keys.size());
    byte[] name = Body.utf8(table);
    int bytes = 4 + 8 + 1 + name.length + 4 + 2 * keys.size();
    for (byte[] key : keys) {
      checkKey(key.length);
      bytes += key.length;
    }
    ByteBuffer out = Body.allocate(bytes);
    out.putInt(timeoutMillis).putLong(version);
    Body.putShortText(out, name);
    out.putInt(keys.size());
    for (byte[] key : keys) {
      out.putShort((short) key.length).put(key);
    }
    return out.flip();
  }

  /** Reads what {@link #encode} wrote, without copying the keys. */
  public static BatchGetRequest decode(ByteBuffer body) {
    return Body.decode(
        "BATCH_GET",
        body,
        in -> {
          int timeoutMillis = in.getInt();
          long version = in.getLong();
          String table = Body.getShortText(in);
          int count = in.getInt();
          checkCount(count);
          int[] offsets = new int[count];
          short[] lengths = new short[count];
          for (int i = 0; i < count; i++) {
            int length = Short.toUnsignedInt(in.getShort());
            checkKey(length);
            offsets[i] = in.position();
            lengths[i] = (short) length;
            if (length > in.remaining()) {
              throw new java.nio.BufferUnderflowException();
            }
            in.position(in.position() + length);
          }
          ByteBuffer view = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
          return new BatchGetRequest(table, version, timeoutMillis, view, offsets, lengths);
        });
  }

  private static void checkCount(int count) {
    if (count < 0 || count > Limits.MAX_BATCH_KEYS) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a batch of "
              + Integer.toUnsignedString(count)
              + " keys is over the limit of "
              + Limits.MAX_BATCH_KEYS);
    }
  }

  private static void checkKey(int length) {
    if (length == 0 || length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a key has 1 to " + Limits.MAX_KEY_BYTES + " bytes, this one " + length);
    }
  }

  /** The table's name. */
  public String table() {
    return table;
  }

  /** The version asked for, 0 for the active one. */
  public long version() {
    return version;
  }

  /** How long the sender waits. */
  public int timeoutMillis() {
    return timeoutMillis;
  }

  /** Number of keys. */
  public int count() {
    return keyOffsets.length;
  }

  /** What the keys lie in. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where key {@code i} begins, as an absolute index of {@link #buffer()}. */
  public int keyOffset(int i) {
    return keyOffsets[i];
  }

  /** Length of key {@code i}. */
  public int keyLength(int i) {
    return keyLengths[i];
  }

  /** A copy of key {@code i}. */
  public byte[] key(int i) {
    byte[] key = new byte[keyLengths[i]];
    buffer.get(keyOffsets[i], key);
    return key;
  }
}
