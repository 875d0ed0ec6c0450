package io.featurekv.storage;

import io.featurekv.model.RowBytes;

/**
 * Everything outside the heap, by absolute address; nothing is checked, see {@link NativeMemory}.
 */
public final class NativeRowBytes implements RowBytes {
  /** All of it. */
  public static final NativeRowBytes ALL = new NativeRowBytes();

  private NativeRowBytes() {}

  @Override
  public byte getByte(long at) {
    return NativeMemory.getByte(at);
  }

  @Override
  public short getShort(long at) {
    return (short) NativeMemory.getU16(at);
  }

  @Override
  public int getInt(long at) {
    return NativeMemory.getInt(at);
  }

  @Override
  public long getLong(long at) {
    return NativeMemory.getLong(at);
  }

  @Override
  public void putByte(long at, byte value) {
    NativeMemory.putByte(at, value);
  }

  @Override
  public void putShort(long at, short value) {
    NativeMemory.putShort(at, value);
  }

  @Override
  public void putInt(long at, int value) {
    NativeMemory.putInt(at, value);
  }

  @Override
  public void putLong(long at, long value) {
    NativeMemory.putLong(at, value);
  }

  @Override
  public void get(long at, byte[] target, int offset, int length) {
    NativeMemory.copy(at, target, offset, length);
  }

  @Override
  public void put(long at, byte[] source, int offset, int length) {
    NativeMemory.copy(source, offset, at, length);
  }

  @Override
  public void copy(long from, RowBytes target, long to, int length) {
    if (target == this) {
      NativeMemory.copy(from, to, length);
    } else {
      RowBytes.super.copy(from, target, to, length);
    }
  }
}
