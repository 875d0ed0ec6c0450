package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the body of a BATCH_VALUES frame in place: {@link #begin}, {@link #shape} where columns
 * were asked for, then one call per key in the order of the request. The grammar is on {@link
 * BatchValues}.
 *
 * <p>The caller makes sure that there is room, by the constants here; a write beyond the buffer
 * throws {@link java.nio.BufferOverflowException}. Not thread-safe.
 */
public final class BatchValuesWriter {
  /** What {@link #begin} writes. */
  public static final int HEADER_BYTES = 20;

  /** What {@link #absent} writes. */
  public static final int ABSENT_BYTES = 1;

  /** What {@link #deferred} writes. */
  public static final int DEFERRED_BYTES = 1;

  /** What {@link #found} writes besides the value. */
  public static final int FOUND_OVERHEAD_BYTES = 5;

  /** What {@link #failed} writes besides the message. */
  public static final int FAILED_OVERHEAD_BYTES = 5;

  /** Longest message of {@link #failed}; longer ones are cut. */
  public static final int MAX_FAILED_MESSAGE_BYTES = 512;

  private final ByteBuffer out;

  /** Writes from the position of {@code out}, whose byte order becomes little-endian. */
  public BatchValuesWriter(ByteBuffer out) {
    this.out = out.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Starts the body.
   *
   * @param version the one version that every value is of
   * @param metadataIndex index of the metadata that the node has applied
   * @param count keys of the request
   */
  public void begin(long version, long metadataIndex, int count) {
    out.putLong(version).putLong(metadataIndex).putInt(count);
  }

  /** What the values are, as bytes of a {@link RowShape}. */
  public void shape(byte[] bytes) {
    out.put(bytes);
  }

  /** The next key has no entry. */
  public void absent() {
    out.put((byte) ValueStatus.ABSENT.code());
  }

  /** The next key does not fit into this reply. */
  public void deferred() {
    out.put((byte) ValueStatus.DEFERRED.code());
  }

  /** The next key could not be read. */
  public void failed(ErrorCode code, String message) {
    byte[] text = Fields.cutText(message, MAX_FAILED_MESSAGE_BYTES);
    out.put((byte) ValueStatus.FAILED.code())
        .putShort((short) code.code())
        .putShort((short) text.length)
        .put(text);
  }

  /** How many bytes {@link #failed} writes for a message. */
  public static int failedBytes(String message) {
    return FAILED_OVERHEAD_BYTES + Fields.cutText(message, MAX_FAILED_MESSAGE_BYTES).length;
  }

  /**
   * The next key has a value of this length.
   *
   * @return absolute index in the buffer where the caller copies the value to; the buffer's
   *     position is past it already
   */
  public int found(int length) {
    out.put((byte) ValueStatus.FOUND.code()).putInt(length);
    int start = out.position();
    out.position(start + length);
    return start;
  }
}
