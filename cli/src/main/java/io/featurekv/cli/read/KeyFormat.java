package io.featurekv.cli.read;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** How keys are written on the command line and in tables. */
enum KeyFormat {
  UTF8,
  HEX,
  BASE64;

  /**
   * The bytes of a key.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when the text is not of this format or empty,
   *     TOO_LARGE beyond 500 bytes
   */
  byte[] decode(String text) {
    byte[] key = bytes(text);
    if (key.length == 0) {
      throw new FeatureKvException(ErrorCode.INVALID_ARGUMENT, "a key has at least 1 byte");
    }
    if (key.length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a key has at most "
              + Limits.MAX_KEY_BYTES
              + " bytes, this one has "
              + key.length
              + ": "
              + text.substring(0, 40)
              + "...");
    }
    return key;
  }

  /** The bytes of a part of a key, which may be empty. */
  byte[] bytes(String text) {
    try {
      return switch (this) {
        case UTF8 -> text.getBytes(StandardCharsets.UTF_8);
        case HEX -> HexFormat.of().parseHex(text);
        case BASE64 -> Base64.getDecoder().decode(text);
      };
    } catch (IllegalArgumentException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "key '"
              + text
              + "' is not "
              + name().toLowerCase(java.util.Locale.ROOT)
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** A key for a person; bytes that are not UTF-8 show as hex after {@code 0x}. */
  String show(byte[] key) {
    return switch (this) {
      case UTF8 -> {
        String text = utf8OrNull(key);
        yield text == null ? "0x" + HexFormat.of().formatHex(key) : printable(text);
      }
      case HEX -> HexFormat.of().formatHex(key);
      case BASE64 -> Base64.getEncoder().encodeToString(key);
    };
  }

  /** A value for a person: a row as JSON, where it is one. */
  static String showValue(byte[] value, @Nullable String row) {
    return row == null ? showValue(value) : printable(row);
  }

  /** A value for a person; bytes that are not UTF-8 show as base64. */
  static String showValue(byte[] value) {
    String text = utf8OrNull(value);
    return text == null ? "base64:" + Base64.getEncoder().encodeToString(value) : printable(text);
  }

  /** The text that these bytes are in UTF-8, or null when they are none. */
  static @Nullable String utf8OrNull(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Without control characters, which would break the table or the terminal. */
  private static String printable(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> clean.append("\\n");
        case '\r' -> clean.append("\\r");
        case '\t' -> clean.append("\\t");
        default -> {
          if (Character.isISOControl(c)) {
            clean.append(String.format("\\u%04x", (int) c));
          } else {
            clean.append(c);
          }
        }
      }
    }
    return clean.toString();
  }
}
