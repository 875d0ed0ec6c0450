package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a {@link BatchValues} body into a buffer that is long enough. Values are not passed
 * through: {@link #found} says where the caller is to copy one.
 */
public final class BatchValuesWriter {
  /** Version, metadata index and count. */
  public static final int HEADER_BYTES = 20;

  /** A key that is absent. */
  public static final int ABSENT_BYTES = 1;

  /** A key that did not fit. */
  public static final int DEFERRED_BYTES = 1;

  /** What a value costs besides its own bytes. */
  public static final int FOUND_OVERHEAD_BYTES = 5;

  private static final int MAX_MESSAGE_BYTES = 1_000;

  private final ByteBuffer out;

  /** Writes at the buffer's position. */
  public BatchValuesWriter(ByteBuffer out) {
    this.out = out.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The head; {@code count} answers follow. */
  public void begin(long version, long metadataIndex, int count) {
    out.putLong(version).putLong(metadataIndex).putInt(count);
  }

  /** The next key is absent. */
  public void absent() {
    out.put(BatchValues.ABSENT);
  }

  /** The next key did not fit. */
  public void deferred() {
    out.put(BatchValues.DEFERRED);
  }

  /** The next key could not be looked up. */
  public void failed(ErrorCode code, String message) {
    byte[] text = ErrorReply.cut(message, MAX_MESSAGE_BYTES);
    out.put(BatchValues.FAILED)
        .putShort((short) code.code())
        .putShort((short) text.length)
        .put(text);
  }

  /** What {@link #failed} will write. */
  public static int failedBytes(String message) {
    return 1 + 2 * Short.BYTES + ErrorReply.cut(message, MAX_MESSAGE_BYTES).length;
  }

  /**
   * The next key has a value of so many bytes; returns the absolute index at which the caller
   * copies them.
   */
  public int found(int length) {
    out.put(BatchValues.FOUND).putInt(length);
    int at = out.position();
    out.position(at + length);
    return at;
  }
}
