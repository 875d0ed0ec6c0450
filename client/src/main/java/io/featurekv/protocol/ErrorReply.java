package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;

/**
 * Why a request failed: {@code u16 code | u16 n | n bytes UTF-8 message}.
 *
 * @param code the kind of error; a number from a later release reads as {@link ErrorCode#INTERNAL}
 * @param message for a person; cut at {@link #MAX_MESSAGE_BYTES} when it is sent
 */
public record ErrorReply(ErrorCode code, String message) {
  /** Longest message. */
  public static final int MAX_MESSAGE_BYTES = 65_535;

  /** What to send for an error that was thrown: its message, or its class where it has none. */
  public static ErrorReply of(Throwable error) {
    if (error instanceof FeatureKvException known) {
      return new ErrorReply(known.code(), String.valueOf(known.getMessage()));
    }
    return new ErrorReply(ErrorCode.INTERNAL, error.toString());
  }

  /** The same as an exception. */
  public FeatureKvException toException() {
    return new FeatureKvException(code, message);
  }

  /** The body of an ERROR frame. */
  public ByteBuffer encode() {
    byte[] text = Fields.cutText(message, MAX_MESSAGE_BYTES);
    ByteBuffer out = Fields.allocate(2 + 2 + text.length);
    out.putShort((short) code.code()).putShort((short) text.length).put(text);
    return out.flip();
  }

  /**
   * Reads the body of an ERROR frame.
   *
   * @throws FeatureKvException PROTOCOL when it is anything else
   */
  public static ErrorReply decode(ByteBuffer body) {
    ByteBuffer in = Fields.littleEndian(body);
    ErrorCode code = ErrorCode.ofCode(Fields.u16(in, "ERROR code"));
    return new ErrorReply(code, Fields.longText(in, "ERROR message"));
  }
}
