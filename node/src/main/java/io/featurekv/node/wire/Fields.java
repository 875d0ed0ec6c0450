package io.featurekv.node.wire;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Reading and writing the parts of a body: little-endian numbers, and texts as {@code u8 length |
 * bytes}.
 */
final class Fields {
  private Fields() {}

  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int textBytes(String text) {
    return 1 + text.getBytes(StandardCharsets.UTF_8).length;
  }

  static void putText(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 255) {
      throw new FeatureKvException(ErrorCode.TOO_LARGE, "'" + text + "' is longer than 255 bytes");
    }
    out.put((byte) bytes.length);
    out.put(bytes);
  }

  static String getText(ByteBuffer in) {
    byte[] bytes = new byte[Byte.toUnsignedInt(in.get())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static byte[] getRest(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  /**
   * Decodes a body whole; what ends early or says nonsense is a PROTOCOL error naming the message.
   */
  static <T> T decode(String what, ByteBuffer body, Function<ByteBuffer, T> decoder) {
    try {
      T value = decoder.apply(body.duplicate().order(ByteOrder.LITTLE_ENDIAN));
      return value;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, what + " of " + body.remaining() + " bytes is malformed", e);
    }
  }
}
