package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The answer to {@link BatchGetRequest}: every key in its order, all of one version.
 *
 * <pre>
 * u64 version | u64 metadataIndex | u32 count | count x one of
 *     u8 0                              ABSENT
 *     u8 1, u32 n, value                FOUND
 *     u8 2, u16 code, u16 n, message    FAILED
 *     u8 3                              DEFERRED
 * </pre>
 *
 * A view of the bytes that it was decoded from; it lives as long as they do.
 */
public final class BatchValues {
  private final ByteBuffer buffer;
  private final long version;
  private final long metadataIndex;
  // Where each key's status byte is.
  private final int[] offsets;

  private BatchValues(ByteBuffer buffer, long version, long metadataIndex, int[] offsets) {
    this.buffer = buffer;
    this.version = version;
    this.metadataIndex = metadataIndex;
    this.offsets = offsets;
  }

  /**
   * Reads the body of a BATCH_VALUES frame and checks every bound in it.
   *
   * @throws FeatureKvException PROTOCOL when it is anything else
   */
  public static BatchValues decode(ByteBuffer body) {
    ByteBuffer in = Fields.littleEndian(body);
    long version = Fields.u64(in, "BATCH_VALUES version");
    long metadataIndex = Fields.u64(in, "BATCH_VALUES metadataIndex");
    int count = Fields.u32(in, "BATCH_VALUES count");
    if (count > Limits.MAX_BATCH_KEYS) {
      throw Fields.malformed(
          "BATCH_VALUES has " + count + " keys, at most " + Limits.MAX_BATCH_KEYS + " can be");
    }
    Fields.need(in, count, "BATCH_VALUES statuses");
    int[] offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = in.position();
      skipValue(in, i);
    }
    Fields.end(in, "BATCH_VALUES");
    return new BatchValues(in, version, metadataIndex, offsets);
  }

  private static void skipValue(ByteBuffer in, int index) {
    int code = Fields.u8(in, "BATCH_VALUES status");
    ValueStatus status = ValueStatus.ofCode(code);
    if (status == null) {
      throw Fields.malformed("BATCH_VALUES status " + code + " of key " + index + " is unknown");
    }
    int length =
        switch (status) {
          case ABSENT, DEFERRED -> 0;
          case FOUND -> Fields.u32(in, "BATCH_VALUES value length");
          case FAILED -> {
            Fields.u16(in, "BATCH_VALUES error code");
            yield Fields.u16(in, "BATCH_VALUES error length");
          }
        };
    Fields.need(in, length, "BATCH_VALUES key " + index);
    in.position(in.position() + length);
  }

  /** The version that every value is of. */
  public long version() {
    return version;
  }

  /** Index of the metadata that the answering node had applied. */
  public long metadataIndex() {
    return metadataIndex;
  }

  /** How many keys are answered: as many as were asked for. */
  public int count() {
    return offsets.length;
  }

  /** What is known of a key. */
  public ValueStatus status(int index) {
    ValueStatus status = ValueStatus.ofCode(buffer.get(offsets[index]));
    if (status == null) {
      throw new AssertionError("status of key " + index + " changed after it was checked");
    }
    return status;
  }

  /** The value of a FOUND key: a little-endian slice of the reply, not a copy. */
  public ByteBuffer value(int index) {
    require(index, ValueStatus.FOUND);
    int length = buffer.getInt(offsets[index] + 1);
    return buffer
        .slice(offsets[index] + BatchValuesWriter.FOUND_OVERHEAD_BYTES, length)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The kind of error of a FAILED key. */
  public ErrorCode errorCode(int index) {
    require(index, ValueStatus.FAILED);
    return ErrorCode.ofCode(buffer.getShort(offsets[index] + 1) & 0xFFFF);
  }

  /** The message of a FAILED key. */
  public String errorMessage(int index) {
    require(index, ValueStatus.FAILED);
    int length = buffer.getShort(offsets[index] + 3) & 0xFFFF;
    ByteBuffer text =
        buffer.slice(offsets[index] + BatchValuesWriter.FAILED_OVERHEAD_BYTES, length);
    return StandardCharsets.UTF_8.decode(text).toString();
  }

  private void require(int index, ValueStatus expected) {
    if (status(index) != expected) {
      throw new IllegalStateException("key " + index + " is " + status(index));
    }
  }
}
