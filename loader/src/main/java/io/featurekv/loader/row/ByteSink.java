package io.featurekv.loader.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array that is filled, read and reset many times. The array is valid until the next
 * write. Not thread-safe.
 */
public final class ByteSink {
  private static final int INITIAL_BYTES = 256;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] array = new byte[INITIAL_BYTES];
  private int length;

  /** The bytes so far, from 0 to {@link #length()}; what lies beyond is undefined. */
  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  /** Forgets the bytes, keeps the memory. */
  public void reset() {
    length = 0;
  }

  /** A copy of exactly the bytes so far. */
  public byte[] toByteArray() {
    return Arrays.copyOf(array, length);
  }

  public void put(int oneByte) {
    reserve(1);
    array[length++] = (byte) oneByte;
  }

  public void put(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, array, length, bytes.length);
    length += bytes.length;
  }

  public void put(byte[] bytes, int offset, int count) {
    reserve(count);
    System.arraycopy(bytes, offset, array, length, count);
    length += count;
  }

  /** Appends text that is known to be ASCII. */
  public void putAscii(String text) {
    int count = text.length();
    reserve(count);
    for (int i = 0; i < count; i++) {
      array[length++] = (byte) text.charAt(i);
    }
  }

  /**
   * Appends text as UTF-8.
   *
   * @return false if the text has half of a surrogate pair and so no UTF-8 form; the sink then
   *     holds a part of it
   */
  public boolean putUtf8(String text) {
    int count = text.length();
    reserve(count);
    int i = 0;
    for (; i < count && text.charAt(i) < 0x80; i++) {
      array[length++] = (byte) text.charAt(i);
    }
    while (i < count) {
      char c = text.charAt(i);
      int taken = putCharacter(text, i, c);
      if (taken == 0) {
        return false;
      }
      i += taken;
    }
    return true;
  }

  /**
   * Appends text as a JSON string with its quotes.
   *
   * @return as {@link #putUtf8}
   */
  public boolean putJsonString(String text) {
    put('"');
    int count = text.length();
    reserve(count + 1);
    int i = 0;
    while (i < count) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        put('\\');
        put(c);
        i++;
      } else if (c < 0x20) {
        putControl(c);
        i++;
      } else {
        int taken = putCharacter(text, i, c);
        if (taken == 0) {
          return false;
        }
        i += taken;
      }
    }
    put('"');
    return true;
  }

  private void putControl(char c) {
    put('\\');
    switch (c) {
      case '\b' -> put('b');
      case '\f' -> put('f');
      case '\n' -> put('n');
      case '\r' -> put('r');
      case '\t' -> put('t');
      default -> {
        putAscii("u00");
        put(HEX[c >> 4]);
        put(HEX[c & 15]);
      }
    }
  }

  /**
   * Appends the code point at {@code i}; returns how many chars it took, 0 if it is half a pair.
   */
  private int putCharacter(String text, int i, char c) {
    reserve(4);
    if (c < 0x80) {
      array[length++] = (byte) c;
      return 1;
    }
    if (c < 0x800) {
      array[length++] = (byte) (0xC0 | (c >> 6));
      array[length++] = (byte) (0x80 | (c & 0x3F));
      return 1;
    }
    if (!Character.isSurrogate(c)) {
      array[length++] = (byte) (0xE0 | (c >> 12));
      array[length++] = (byte) (0x80 | ((c >> 6) & 0x3F));
      array[length++] = (byte) (0x80 | (c & 0x3F));
      return 1;
    }
    if (!Character.isHighSurrogate(c)
        || i + 1 == text.length()
        || !Character.isLowSurrogate(text.charAt(i + 1))) {
      return 0;
    }
    int point = Character.toCodePoint(c, text.charAt(i + 1));
    array[length++] = (byte) (0xF0 | (point >> 18));
    array[length++] = (byte) (0x80 | ((point >> 12) & 0x3F));
    array[length++] = (byte) (0x80 | ((point >> 6) & 0x3F));
    array[length++] = (byte) (0x80 | (point & 0x3F));
    return 2;
  }

  private void reserve(int more) {
    int needed = Math.addExact(length, more);
    if (needed > array.length) {
      long grown = Math.min(Math.max(needed, array.length * 2L), Integer.MAX_VALUE - 8L);
      array = Arrays.copyOf(array, (int) Math.max(grown, needed));
    }
  }
}
