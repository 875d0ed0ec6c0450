package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** How the text of a column stands for bytes. */
public enum TextEncoding {
  UTF8,
  HEX,
  BASE64;

  /** The encoding of a word of the command line: utf8, hex or base64. */
  public static TextEncoding ofWord(String option, String word) {
    return switch (word) {
      case "utf8" -> UTF8;
      case "hex" -> HEX;
      case "base64" -> BASE64;
      default ->
          throw new FeatureKvException(
              ErrorCode.INVALID_ARGUMENT, option + " '" + word + "' is none of utf8, hex, base64");
    };
  }

  /**
   * Appends the bytes that text, valid UTF-8, stands for.
   *
   * @return null, or what is wrong with the text; the sink may then hold a part
   */
  @Nullable String append(byte[] array, int offset, int length, ByteSink sink) {
    return switch (this) {
      case UTF8 -> {
        sink.put(array, offset, length);
        yield null;
      }
      case HEX ->
          appendHex(array, offset, length, sink)
              ? null
              : "is not hex: " + shown(array, offset, length);
      case BASE64 -> {
        try {
          sink.put(Base64.getDecoder().decode(Arrays.copyOfRange(array, offset, offset + length)));
          yield null;
        } catch (IllegalArgumentException e) {
          yield "is not base64: " + shown(array, offset, length);
        }
      }
    };
  }

  private static String shown(byte[] array, int offset, int length) {
    return ColumnType.shown(new String(array, offset, length, StandardCharsets.UTF_8));
  }

  private static boolean appendHex(byte[] array, int offset, int length, ByteSink sink) {
    if (length % 2 != 0) {
      return false;
    }
    for (int i = offset; i < offset + length; i += 2) {
      int high = Character.digit((char) (array[i] & 0xFF), 16);
      int low = Character.digit((char) (array[i + 1] & 0xFF), 16);
      if ((high | low) < 0) {
        return false;
      }
      sink.put(high << 4 | low);
    }
    return true;
  }
}
