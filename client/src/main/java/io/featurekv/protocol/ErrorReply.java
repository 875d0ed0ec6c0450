package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Body of ERROR: {@code u16 code | u16 n, message in UTF-8}. */
public record ErrorReply(ErrorCode code, String message) {
  private static final int MAX_MESSAGE_BYTES = 65_535;

  /** The bytes; a message that is too long is cut between characters. */
  public ByteBuffer encode() {
    byte[] text = cut(message, MAX_MESSAGE_BYTES);
    ByteBuffer out = Body.allocate(2 * Short.BYTES + text.length);
    return out.putShort((short) code.code()).putShort((short) text.length).put(text).flip();
  }

  /** UTF-8 of the longest beginning of {@code text} that fits. */
  static byte[] cut(String text, int maxBytes) {
    byte[] bytes = Body.utf8(text);
    if (bytes.length <= maxBytes) {
      return bytes;
    }
    int end = maxBytes;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return Body.utf8(new String(bytes, 0, end, StandardCharsets.UTF_8));
  }

  /** Reads what {@link #encode} wrote. */
  public static ErrorReply decode(ByteBuffer body) {
    return Body.decode(
        "ERROR",
        body,
        in -> {
          ErrorCode code = ErrorCode.ofCode(Short.toUnsignedInt(in.getShort()));
          int length = Short.toUnsignedInt(in.getShort());
          return new ErrorReply(code, Body.getText(in, length));
        });
  }

  /** As the exception that the caller gets. */
  public FeatureKvException toException() {
    return new FeatureKvException(code, message);
  }
}
