package io.featurekv.node.resp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes by absolute address, without bounds: whoever calls has checked them. Any thread. */
final class NativeBytes {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

  private NativeBytes() {}

  static byte get(long address) {
    return ALL.get(U8, address);
  }

  static void put(long address, int value) {
    ALL.set(U8, address, (byte) value);
  }

  static byte[] copyOf(long address, int length) {
    byte[] copy = new byte[length];
    MemorySegment.copy(ALL, U8, address, copy, 0, length);
    return copy;
  }

  /** Writes what {@code bytes} has; returns the address behind it. */
  static long put(long address, byte[] bytes) {
    MemorySegment.copy(bytes, 0, ALL, U8, address, bytes.length);
    return address + bytes.length;
  }

  static boolean startsWith(long address, int length, byte[] prefix) {
    if (length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (ALL.get(U8, address + i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
