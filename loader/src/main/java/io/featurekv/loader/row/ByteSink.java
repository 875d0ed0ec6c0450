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

  private static final int MAX_DECIMAL_BYTES = 20;
  private static final long QUOTES = ByteScan.pattern('"');
  private static final long BACKSLASHES = ByteScan.pattern('\\');
  private static final long ABOVE_CONTROLS = ByteScan.pattern(0xE0);

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

  /** Forgets the bytes from a length on. */
  public void cut(int length) {
    this.length = Math.min(length, this.length);
  }

  /** A copy of exactly the bytes so far. */
  public byte[] toByteArray() {
    return Arrays.copyOf(array, length);
  }

  /** The bytes so far, which are valid UTF-8, as text. */
  public String text() {
    return new String(array, 0, length, StandardCharsets.UTF_8);
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

  /** Appends a number in decimal. */
  public void putDecimal(long number) {
    if (number == Long.MIN_VALUE) {
      putAscii(Long.toString(number));
      return;
    }
    reserve(MAX_DECIMAL_BYTES);
    long rest = number;
    if (rest < 0) {
      array[length++] = '-';
      rest = -rest;
    }
    int digits = 1;
    for (long bound = 10; digits < MAX_DECIMAL_BYTES - 1 && rest >= bound; bound *= 10) {
      digits++;
    }
    for (int i = length + digits - 1; i >= length; i--) {
      array[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
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

  /** Appends text, valid UTF-8, as a JSON string with its quotes. */
  public void putJsonString(byte[] text, int offset, int count) {
    reserve(Math.addExact(count, 2));
    array[length++] = '"';
    int end = offset + count;
    int from = offset;
    for (int at = offset; at < end; at++) {
      at += plainLength(text, at, end);
      if (at < end) {
        put(text, from, at - from);
        putEscaped(text[at]);
        from = at + 1;
      }
    }
    put(text, from, end - from);
    put('"');
  }

  /** How many bytes from {@code at} on need no escape. */
  private static int plainLength(byte[] text, int from, int end) {
    int at = from;
    while (at + Long.BYTES <= end) {
      long word = ByteScan.word(text, at);
      // A control character is one that loses no bit above the lowest five.
      long found =
          ByteScan.find(word, QUOTES)
              | ByteScan.find(word, BACKSLASHES)
              | ByteScan.find(word & ABOVE_CONTROLS, 0);
      if (found != 0) {
        return at - from + ByteScan.first(found);
      }
      at += Long.BYTES;
    }
    while (at < end && text[at] != '"' && text[at] != '\\' && (text[at] & 0xE0) != 0) {
      at++;
    }
    return at - from;
  }

  private void putEscaped(byte c) {
    if (c == '"' || c == '\\') {
      put('\\');
      put(c);
    } else {
      putControl((char) c);
    }
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
    if (!Character.isSurrogate(c)) {
      putCodePoint(c);
      return 1;
    }
    if (!Character.isHighSurrogate(c)
        || i + 1 == text.length()
        || !Character.isLowSurrogate(text.charAt(i + 1))) {
      return 0;
    }
    putCodePoint(Character.toCodePoint(c, text.charAt(i + 1)));
    return 2;
  }

  /** Appends a code point, which is no surrogate, as UTF-8. */
  public void putCodePoint(int point) {
    reserve(4);
    if (point < 0x80) {
      array[length++] = (byte) point;
      return;
    }
    if (point < 0x800) {
      array[length++] = (byte) (0xC0 | (point >> 6));
    } else {
      if (point < 0x1_0000) {
        array[length++] = (byte) (0xE0 | (point >> 12));
      } else {
        array[length++] = (byte) (0xF0 | (point >> 18));
        array[length++] = (byte) (0x80 | ((point >> 12) & 0x3F));
      }
      array[length++] = (byte) (0x80 | ((point >> 6) & 0x3F));
    }
    array[length++] = (byte) (0x80 | (point & 0x3F));
  }

  private void reserve(int more) {
    int needed = Math.addExact(length, more);
    if (needed > array.length) {
      long grown = Math.min(Math.max(needed, array.length * 2L), Integer.MAX_VALUE - 8L);
      array = Arrays.copyOf(array, (int) Math.max(grown, needed));
    }
  }
}
