package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Reading and writing the parts of a body. All numbers are little-endian. */
final class Body {
  private Body() {}

  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** {@code u8 length | bytes}. */
  static void putShortText(ByteBuffer out, byte[] text) {
    if (text.length > 255) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE, "a name of " + text.length + " bytes is over the limit of 255");
    }
    out.put((byte) text.length).put(text);
  }

  static String getShortText(ByteBuffer in) {
    return getText(in, Byte.toUnsignedInt(in.get()));
  }

  static String getText(ByteBuffer in, int length) {
    return new String(getBytes(in, length), StandardCharsets.UTF_8);
  }

  /** Checks the length against what is there before anything of that length is allocated. */
  static byte[] getBytes(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /**
   * Decodes a whole body; one that ends early or has bytes left over is a PROTOCOL error naming the
   * message.
   */
  static <T> T decode(String what, ByteBuffer body, Function<ByteBuffer, T> decoder) {
    ByteBuffer in = body.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    T value;
    try {
      value = decoder.apply(in);
    } catch (BufferUnderflowException e) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, what + " of " + body.remaining() + " bytes ends too early", e);
    }
    if (in.hasRemaining()) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, what + " has " + in.remaining() + " bytes too many");
    }
    return value;
  }
}
