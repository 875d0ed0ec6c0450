package io.featurekv.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a buffer, by absolute index. */
final class BufferRowBytes implements RowBytes {
  private final ByteBuffer buffer;

  BufferRowBytes(ByteBuffer buffer) {
    this.buffer = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public byte getByte(long at) {
    return buffer.get((int) at);
  }

  @Override
  public short getShort(long at) {
    return buffer.getShort((int) at);
  }

  @Override
  public int getInt(long at) {
    return buffer.getInt((int) at);
  }

  @Override
  public long getLong(long at) {
    return buffer.getLong((int) at);
  }

  @Override
  public void putByte(long at, byte value) {
    buffer.put((int) at, value);
  }

  @Override
  public void putShort(long at, short value) {
    buffer.putShort((int) at, value);
  }

  @Override
  public void putInt(long at, int value) {
    buffer.putInt((int) at, value);
  }

  @Override
  public void putLong(long at, long value) {
    buffer.putLong((int) at, value);
  }

  @Override
  public void get(long at, byte[] target, int offset, int length) {
    buffer.get((int) at, target, offset, length);
  }

  @Override
  public void put(long at, byte[] source, int offset, int length) {
    buffer.put((int) at, source, offset, length);
  }
}
