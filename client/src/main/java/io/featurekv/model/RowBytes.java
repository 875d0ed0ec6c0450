package io.featurekv.model;

import java.nio.ByteBuffer;

/**
 * Memory that rows lie in or are written to, by position, little-endian: a buffer, or everything
 * outside the heap by address. Whether positions are checked is up to the memory; who reads rows
 * through it has checked their lengths first. Thread-safe for bytes that nobody changes.
 */
public interface RowBytes {
  /** The byte at a position. */
  byte getByte(long at);

  /** Two bytes, as a number. */
  short getShort(long at);

  /** Four bytes, as a number. */
  int getInt(long at);

  /** Eight bytes, as a number. */
  long getLong(long at);

  /** Writes a byte. */
  void putByte(long at, byte value);

  /** Writes a number as two bytes. */
  void putShort(long at, short value);

  /** Writes a number as four bytes. */
  void putInt(long at, int value);

  /** Writes a number as eight bytes. */
  void putLong(long at, long value);

  /** Copies bytes into an array. */
  default void get(long at, byte[] target, int offset, int length) {
    for (int i = 0; i < length; i++) {
      target[offset + i] = getByte(at + i);
    }
  }

  /** Copies bytes out of an array. */
  default void put(long at, byte[] source, int offset, int length) {
    for (int i = 0; i < length; i++) {
      putByte(at + i, source[offset + i]);
    }
  }

  /** Copies bytes to other memory, or to another place of this; the two do not overlap. */
  default void copy(long from, RowBytes target, long to, int length) {
    int done = 0;
    for (; done + Long.BYTES <= length; done += Long.BYTES) {
      target.putLong(to + done, getLong(from + done));
    }
    for (; done < length; done++) {
      target.putByte(to + done, getByte(from + done));
    }
  }

  /** The bytes of a buffer by absolute index, checked against its limit; not a copy. */
  static RowBytes of(ByteBuffer buffer) {
    return new BufferRowBytes(buffer);
  }

  /** The bytes of an array by index, checked; not a copy. */
  static RowBytes of(byte[] array) {
    return new BufferRowBytes(ByteBuffer.wrap(array));
  }
}
