package io.featurekv.protocol;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;

/**
 * Reads BATCH_GET bodies in place, key by key, checking every bound; reused from frame to frame, so
 * that reading allocates nothing. The grammar is on {@link BatchGetRequest}.
 *
 * <p>{@link #begin}, then {@link #next} until it is false. Not thread-safe.
 */
public final class BatchGetReader {
  private static final int FIXED_BYTES = 4 + 8 + 8 + 1;
  private static final int KEY_OVERHEAD_BYTES = 2;

  private ByteBuffer body;
  private int timeoutMillis;
  private long version;
  private long readTimeMillis;
  private int tableOffset;
  private int tableLength;
  private int count;
  private int limit;
  private int nextOffset;
  private boolean hasColumns;
  private int columnsOffset;
  private int keyIndex;
  private int keyOffset;
  private int keyLength;

  /** A reader that has nothing to read yet. */
  public BatchGetReader() {
    body = Fields.allocate(0);
  }

  /**
   * Begins with a body: reads all that comes before the keys.
   *
   * @param frame little-endian; the body is what remains of it, and is not consumed
   * @param flags of the frame
   * @throws FeatureKvException PROTOCOL when the bytes do not add up, INVALID_ARGUMENT or TOO_LARGE
   *     when the timeout, the read time or the count is beyond its limits
   */
  public void begin(ByteBuffer frame, int flags) {
    body = frame;
    hasColumns = (flags & BatchGetRequest.COLUMNS) != 0;
    int at = frame.position();
    limit = frame.limit();
    need(at, FIXED_BYTES, "BATCH_GET head");
    timeoutMillis = BatchGetRequest.checkTimeout(Fields.clampedU32(frame.getInt(at)));
    version = frame.getLong(at + 4);
    readTimeMillis = BatchGetRequest.checkReadTime(frame.getLong(at + 12));
    tableLength = frame.get(at + 20) & 0xFF;
    tableOffset = at + FIXED_BYTES;
    need(tableOffset, tableLength + 4, "BATCH_GET table");
    int countOffset = tableOffset + tableLength;
    count = BatchGetRequest.checkCount(Fields.clampedU32(frame.getInt(countOffset)));
    nextOffset = countOffset + 4;
    need(nextOffset, (long) count * (KEY_OVERHEAD_BYTES + 1), "BATCH_GET keys");
    keyIndex = -1;
  }

  private void need(int at, long bytes, String what) {
    if (limit - at < bytes) {
      throw Fields.malformed(
          what + " needs " + bytes + " bytes, the frame has " + (limit - at) + " left");
    }
  }

  /**
   * Goes to the next key.
   *
   * @return false after the last one
   * @throws FeatureKvException PROTOCOL when the frame ends too early or too late, INVALID_ARGUMENT
   *     or TOO_LARGE when the key is not of 1 to {@link Limits#MAX_KEY_BYTES} bytes
   */
  public boolean next() {
    int index = ++keyIndex;
    int at = nextOffset;
    if (index >= count) {
      endKeys(at);
      return false;
    }
    int left = limit - at - KEY_OVERHEAD_BYTES;
    int length = left < 0 ? 0 : body.getShort(at) & 0xFFFF;
    if (length - 1 >= Limits.MAX_KEY_BYTES || length == 0 || left < length) {
      throw refusal(left, length, index);
    }
    keyOffset = at + KEY_OVERHEAD_BYTES;
    keyLength = length;
    nextOffset = keyOffset + length;
    return true;
  }

  private void endKeys(int at) {
    if (hasColumns) {
      columnsOffset = at;
    } else if (at != limit) {
      throw Fields.malformed(
          "BATCH_GET is followed by " + (limit - at) + " bytes that do not belong");
    }
  }

  private FeatureKvException refusal(int left, int length, int index) {
    if (left < 0) {
      return Fields.malformed("BATCH_GET ends before key " + index + " of " + count);
    }
    try {
      Fields.checkKeyLength(length, index, Limits.MAX_KEY_BYTES);
    } catch (FeatureKvException e) {
      return e;
    }
    return Fields.malformed("BATCH_GET ends inside key " + index + " of " + count);
  }

  /** Whether columns are asked for; else values as they are. */
  public boolean hasColumns() {
    return hasColumns;
  }

  /**
   * Absolute index in the buffer of the bytes of {@link ColumnNames}, which go on to the end of the
   * body and are not checked; once {@link #next} was false.
   */
  public int columnsOffset() {
    return columnsOffset;
  }

  /** How long the client waits from when it sent this; 1 or more. */
  public int timeoutMillis() {
    return timeoutMillis;
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

  /** How many keys; 0 to {@link Limits#MAX_BATCH_KEYS}. */
  public int count() {
    return count;
  }

  /** Absolute index in the buffer of the table's name, which is not checked. */
  public int tableOffset() {
    return tableOffset;
  }

  /** Length of the table's name. */
  public int tableLength() {
    return tableLength;
  }

  /** Absolute index in the buffer of the present key. */
  public int keyOffset() {
    return keyOffset;
  }

  /** Length of the present key. */
  public int keyLength() {
    return keyLength;
  }
}
