package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Body of BATCH_VALUES: {@code u64 version | u64 metadata index | u32 count | count x answer}, in
 * the order of the keys. An answer is {@code u8 status}, followed for FOUND by {@code u32 n, value}
 * and for FAILED by {@code u16 code | u16 n, message}. DEFERRED says that the reply was full: ask
 * for the key again.
 *
 * <p>A view of the body: it is valid as long as the body is.
 */
public final class BatchValues {
  /** The version has no such key. */
  public static final byte ABSENT = 0;

  /** The value follows. */
  public static final byte FOUND = 1;

  /** The key could not be looked up. */
  public static final byte FAILED = 2;

  /** The reply was full. */
  public static final byte DEFERRED = 3;

  private final ByteBuffer buffer;
  private final long version;
  private final long metadataIndex;
  private final int[] answerOffsets;

  private BatchValues(ByteBuffer buffer, long version, long metadataIndex, int[] answerOffsets) {
    this.buffer = buffer;
    this.version = version;
    this.metadataIndex = metadataIndex;
    this.answerOffsets = answerOffsets;
  }

  /** Reads a body without copying the values. */
  public static BatchValues decode(ByteBuffer body) {
    return Body.decode(
        "BATCH_VALUES",
        body,
        in -> {
          long version = in.getLong();
          long index = in.getLong();
          int count = in.getInt();
          if (count < 0 || count > in.remaining()) {
            throw new java.nio.BufferUnderflowException();
          }
          int[] offsets = new int[count];
          for (int i = 0; i < count; i++) {
            offsets[i] = in.position();
            skipAnswer(in);
          }
          ByteBuffer view = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
          return new BatchValues(view, version, index, offsets);
        });
  }

  private static void skipAnswer(ByteBuffer in) {
    switch (in.get()) {
      case ABSENT, DEFERRED -> {}
      case FOUND -> skip(in, in.getInt());
      case FAILED -> {
        in.getShort();
        skip(in, Short.toUnsignedInt(in.getShort()));
      }
      default -> throw new java.nio.BufferUnderflowException();
    }
  }

  private static void skip(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new java.nio.BufferUnderflowException();
    }
    in.position(in.position() + length);
  }

  /** The version that all answers are of. */
  public long version() {
    return version;
  }

  /** Metadata index that the node knew. */
  public long metadataIndex() {
    return metadataIndex;
  }

  /** Number of answers. */
  public int count() {
    return answerOffsets.length;
  }

  /** ABSENT, FOUND, FAILED or DEFERRED. */
  public byte status(int i) {
    return buffer.get(answerOffsets[i]);
  }

  /** The value of a FOUND key, a view. */
  public ByteBuffer value(int i) {
    int at = answerOffsets[i] + 1;
    return buffer.slice(at + Integer.BYTES, buffer.getInt(at));
  }

  /** Why a key FAILED. */
  public ErrorCode errorCode(int i) {
    return ErrorCode.ofCode(Short.toUnsignedInt(buffer.getShort(answerOffsets[i] + 1)));
  }

  /** Why a key FAILED, for a person. */
  public String errorMessage(int i) {
    int at = answerOffsets[i] + 1 + Short.BYTES;
    ByteBuffer text = buffer.slice(at + Short.BYTES, Short.toUnsignedInt(buffer.getShort(at)));
    return Body.getText(text, text.remaining());
  }
}
