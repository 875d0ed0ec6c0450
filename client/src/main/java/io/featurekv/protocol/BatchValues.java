package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.RowSchema;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link BatchGetRequest}: every key in its order, all of one version.
 *
 * <pre>
 * u64 version | u64 metadataIndex | u32 count | [shape, see {@link RowShape}] | count x one of
 *     u8 0                              ABSENT
 *     u8 1, u32 n, value                FOUND
 *     u8 2, u16 code, u16 n, message    FAILED
 *     u8 3                              DEFERRED
 * </pre>
 *
 * The shape is there if the request asked for columns. A view of the bytes that it was decoded
 * from; it lives as long as they do.
 */
public final class BatchValues {
  private static final int FOUND = ValueStatus.FOUND.code();
  private static final int ABSENT = ValueStatus.ABSENT.code();

  private final ByteBuffer buffer;
  private final long version;
  private final long metadataIndex;
  // Where each key's status byte is.
  private final int[] offsets;
  private final int answered;
  // Where the shape is; 0 where there is none.
  private final int shapeOffset;
  private @Nullable RowSchema shape;

  private BatchValues(
      ByteBuffer buffer,
      long version,
      long metadataIndex,
      int[] offsets,
      int answered,
      int shapeOffset) {
    this.buffer = buffer;
    this.version = version;
    this.metadataIndex = metadataIndex;
    this.offsets = offsets;
    this.answered = answered;
    this.shapeOffset = shapeOffset;
  }

  /** Reads the body of a BATCH_VALUES frame that answers a request for values as they are. */
  public static BatchValues decode(ByteBuffer body) {
    return decode(body, false);
  }

  /**
   * Reads the body of a BATCH_VALUES frame and checks every bound in it.
   *
   * @param hasShape whether the request asked for columns
   * @throws FeatureKvException PROTOCOL when it is anything else
   */
  public static BatchValues decode(ByteBuffer body, boolean hasShape) {
    ByteBuffer in = Fields.littleEndian(body);
    long version = Fields.u64(in, "BATCH_VALUES version");
    long metadataIndex = Fields.u64(in, "BATCH_VALUES metadataIndex");
    int count = Fields.u32(in, "BATCH_VALUES count");
    if (count > Limits.MAX_BATCH_KEYS) {
      throw Fields.malformed(
          "BATCH_VALUES has " + count + " keys, at most " + Limits.MAX_BATCH_KEYS + " can be");
    }
    int shapeOffset = hasShape ? in.position() : 0;
    if (hasShape) {
      RowShape.skip(in);
    }
    Fields.need(in, count, "BATCH_VALUES statuses");
    int[] offsets = new int[count];
    int answered = 0;
    int position = in.position();
    int limit = in.limit();
    for (int i = 0; i < count; i++) {
      if (position >= limit) {
        throw endsIn(i);
      }
      offsets[i] = position;
      int left = limit - position;
      int status = in.get(position);
      int bytes;
      if (status == FOUND) {
        int length = left < BatchValuesWriter.FOUND_OVERHEAD_BYTES ? -1 : in.getInt(position + 1);
        if (length < 0 || length > left - BatchValuesWriter.FOUND_OVERHEAD_BYTES) {
          throw endsIn(i);
        }
        bytes = BatchValuesWriter.FOUND_OVERHEAD_BYTES + length;
        answered++;
      } else if (status == ABSENT) {
        bytes = BatchValuesWriter.ABSENT_BYTES;
        answered++;
      } else {
        bytes = unansweredBytes(in, position, left, i);
      }
      position += bytes;
    }
    in.position(position);
    Fields.end(in, "BATCH_VALUES");
    return new BatchValues(in, version, metadataIndex, offsets, answered, shapeOffset);
  }

  private static int unansweredBytes(ByteBuffer in, int position, int left, int index) {
    int code = in.get(position) & 0xFF;
    ValueStatus status = ValueStatus.ofCode(code);
    if (status == ValueStatus.DEFERRED) {
      return BatchValuesWriter.DEFERRED_BYTES;
    }
    if (status != ValueStatus.FAILED) {
      throw Fields.malformed("BATCH_VALUES status " + code + " of key " + index + " is unknown");
    }
    if (left < BatchValuesWriter.FAILED_OVERHEAD_BYTES) {
      throw endsIn(index);
    }
    int bytes = BatchValuesWriter.FAILED_OVERHEAD_BYTES + (in.getShort(position + 3) & 0xFFFF);
    if (bytes > left) {
      throw endsIn(index);
    }
    return bytes;
  }

  private static FeatureKvException endsIn(int index) {
    return Fields.malformed("BATCH_VALUES ends before or in key " + index);
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

  /**
   * The columns that the values are rows of, as version 0; null: they are values as they are.
   *
   * @throws FeatureKvException PROTOCOL when one is of a type that is not known here
   */
  public @Nullable RowSchema shape() {
    RowSchema known = shape;
    if (known == null && shapeOffset > 0) {
      ByteBuffer in = Fields.littleEndian(buffer);
      in.limit(buffer.limit()).position(shapeOffset);
      known = RowShape.decode(in);
      shape = known;
    }
    return known;
  }

  /** Whether the reply's shape is these bytes of a {@link RowShape}. */
  public boolean hasShape(byte[] bytes) {
    return shapeOffset > 0
        && buffer.limit() - shapeOffset >= bytes.length
        && buffer.slice(shapeOffset, bytes.length).equals(ByteBuffer.wrap(bytes));
  }

  /** Whether every key is FOUND or ABSENT. */
  public boolean isComplete() {
    return answered == offsets.length;
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
    return buffer.slice(valueOffset(index), valueLength(index)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes that {@link #valueOffset} points into, little-endian; not a copy. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Absolute index in {@link #buffer} of the first byte of a FOUND key's value. */
  public int valueOffset(int index) {
    require(index, ValueStatus.FOUND);
    return offsets[index] + BatchValuesWriter.FOUND_OVERHEAD_BYTES;
  }

  /** Length of a FOUND key's value. */
  public int valueLength(int index) {
    require(index, ValueStatus.FOUND);
    return buffer.getInt(offsets[index] + 1);
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
