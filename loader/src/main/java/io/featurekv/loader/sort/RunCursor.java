package io.featurekv.loader.sort;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Walks one shard of a run through a small buffer. A value is read when it is asked for, so that
 * memory does not grow with the number of runs times the longest value.
 */
final class RunCursor implements RecordCursor {
  private static final int MAX_HEADER_AND_KEY =
      RecordLayout.MAX_HEADER_BYTES + Limits.MAX_KEY_BYTES;
  private static final byte[] NONE = {};

  private final Run run;
  private final long end;
  private final byte[] buffer;
  private final byte[] key = new byte[Limits.MAX_KEY_BYTES];
  private long bufferStart;
  private int bufferLength;
  private long nextRecord;
  private long valuePosition;
  private int keyLength;
  private long prefix;
  private int valueLength;
  private long location;
  private int expirySeconds;
  private byte[] value = NONE;
  private byte[] longValue = NONE;
  private int valueOffset;

  RunCursor(Run run, long start, long end, int bufferBytes) {
    this.run = run;
    this.end = end;
    this.nextRecord = start;
    this.bufferStart = start;
    this.buffer = new byte[(int) Math.max(MAX_HEADER_AND_KEY, Math.min(bufferBytes, end - start))];
  }

  @Override
  public boolean next() {
    if (nextRecord == end) {
      return false;
    }
    int at = buffered(nextRecord, (int) Math.min(MAX_HEADER_AND_KEY, end - nextRecord));
    keyLength = RecordLayout.keyLength(buffer, at);
    valueLength = RecordLayout.valueLength(buffer, at);
    location = RecordLayout.location(buffer, at);
    expirySeconds = RecordLayout.expirySeconds(buffer, at);
    int headerBytes = RecordLayout.headerBytes(buffer, at);
    // Copied, since reading the value may move the buffer on.
    System.arraycopy(buffer, at + headerBytes, key, 0, keyLength);
    prefix = RecordLayout.prefix(run.order(), key, keyLength);
    valuePosition = nextRecord + headerBytes + keyLength;
    nextRecord = valuePosition + Math.max(0, valueLength);
    return true;
  }

  /** Index in the buffer at which {@code length} bytes of the file from {@code position} lie. */
  private int buffered(long position, int length) {
    if (position < bufferStart || position + length > bufferStart + bufferLength) {
      int wanted = (int) Math.min(buffer.length, end - position);
      read(position, buffer, wanted);
      bufferStart = position;
      bufferLength = wanted;
    }
    return (int) (position - bufferStart);
  }

  private void read(long position, byte[] target, int length) {
    ByteBuffer into = ByteBuffer.wrap(target, 0, length);
    try {
      while (into.hasRemaining()) {
        if (run.channel().read(into, position + into.position()) < 0) {
          throw new FeatureKvException(
              ErrorCode.CORRUPT,
              "sorted run " + run.path() + " ends before byte " + (position + length));
        }
      }
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + run.path() + " cannot be read", e);
    }
  }

  @Override
  public long prefix() {
    return prefix;
  }

  @Override
  public byte[] keyArray() {
    return key;
  }

  @Override
  public int keyOffset() {
    return 0;
  }

  @Override
  public int keyLength() {
    return keyLength;
  }

  @Override
  public long location() {
    return location;
  }

  @Override
  public int expirySeconds() {
    return expirySeconds;
  }

  @Override
  public boolean isDelete() {
    return valueLength == RecordLayout.DELETED;
  }

  @Override
  public byte[] valueArray() {
    int length = valueLength();
    if (length <= buffer.length) {
      valueOffset = length == 0 ? 0 : buffered(valuePosition, length);
      value = buffer;
    } else {
      if (longValue.length < length) {
        longValue = new byte[length];
      }
      read(valuePosition, longValue, length);
      valueOffset = 0;
      value = longValue;
    }
    return value;
  }

  @Override
  public int valueOffset() {
    return valueOffset;
  }

  @Override
  public int valueLength() {
    return Math.max(0, valueLength);
  }
}
