package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Base64;
import java.util.HexFormat;
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
   * Appends the bytes that {@code text} stands for.
   *
   * @return null, or what is wrong with the text; the sink may then hold a part
   */
  @Nullable String append(String text, ByteSink sink) {
    return switch (this) {
      case UTF8 -> sink.putUtf8(text) ? null : "is not valid UTF-8";
      case HEX -> {
        try {
          sink.put(HexFormat.of().parseHex(text));
          yield null;
        } catch (IllegalArgumentException e) {
          yield "is not hex: " + ColumnType.shown(text);
        }
      }
      case BASE64 -> {
        try {
          sink.put(Base64.getDecoder().decode(text));
          yield null;
        } catch (IllegalArgumentException e) {
          yield "is not base64: " + ColumnType.shown(text);
        }
      }
    };
  }
}
