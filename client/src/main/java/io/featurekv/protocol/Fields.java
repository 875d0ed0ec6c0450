package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads and writes the fields that bodies consist of, checking every bound first. */
final class Fields {
  private Fields() {}

  /** A view of the rest of {@code in}: little-endian, with a position of its own. */
  static ByteBuffer littleEndian(ByteBuffer in) {
    return in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes of a buffer that was filled from its beginning to its end. */
  static byte[] filled(ByteBuffer out) {
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  static FeatureKvException malformed(String what) {
    return new FeatureKvException(ErrorCode.PROTOCOL, what);
  }

  static void need(ByteBuffer in, long bytes, String what) {
    if (in.remaining() < bytes) {
      throw malformed(
          what + " needs " + bytes + " bytes, the frame has " + in.remaining() + " left");
    }
  }

  static void end(ByteBuffer in, String what) {
    if (in.hasRemaining()) {
      throw malformed(what + " is followed by " + in.remaining() + " bytes that do not belong");
    }
  }

  static int u8(ByteBuffer in, String what) {
    need(in, 1, what);
    return in.get() & 0xFF;
  }

  static int u16(ByteBuffer in, String what) {
    need(in, 2, what);
    return in.getShort() & 0xFFFF;
  }

  /** A u32 that is read as an int; larger ones become {@code Integer.MAX_VALUE}. */
  static int u32(ByteBuffer in, String what) {
    need(in, 4, what);
    return clampedU32(in.getInt());
  }

  /** A u32 as an int; larger ones become {@code Integer.MAX_VALUE}. */
  static int clampedU32(int value) {
    return value < 0 ? Integer.MAX_VALUE : value;
  }

  static long u64(ByteBuffer in, String what) {
    need(in, 8, what);
    return in.getLong();
  }

  static byte[] bytes(ByteBuffer in, int length, String what) {
    need(in, length, what);
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** {@code u8 n | n bytes UTF-8}. */
  static String shortText(ByteBuffer in, String what) {
    int length = u8(in, what);
    need(in, length, what);
    String text = StandardCharsets.UTF_8.decode(in.slice(in.position(), length)).toString();
    in.position(in.position() + length);
    return text;
  }

  /** Bytes of {@link #putShortText}. */
  static byte[] shortTextBytes(String text, String what) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 255) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, what + " has " + bytes.length + " bytes, at most 255 can be");
    }
    return bytes;
  }

  static void putShortText(ByteBuffer out, byte[] text) {
    out.put((byte) text.length).put(text);
  }

  /** UTF-8 of {@code text}, cut before the character that would cross {@code maxBytes}. */
  static byte[] cutText(String text, int maxBytes) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= maxBytes) {
      return bytes;
    }
    int end = maxBytes;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }

  /** {@code u16 n | n bytes UTF-8}; bytes that are not UTF-8 become U+FFFD. */
  static String longText(ByteBuffer in, String what) {
    int length = u16(in, what);
    need(in, length, what);
    String text = StandardCharsets.UTF_8.decode(in.slice(in.position(), length)).toString();
    in.position(in.position() + length);
    return text;
  }

  /** Checks the length of a key that is about to be sent or was received. */
  static void checkKeyLength(int length, int index, int maxBytes) {
    if (length == 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "key " + index + " is empty, a key has 1 byte at least");
    }
    if (length > maxBytes) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "key " + index + " has " + length + " bytes, at most " + maxBytes + " are allowed");
    }
  }
}
