package io.featurekv.cli.read;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Keys for people: text where they are printable UTF-8, else hex. */
final class KeyText {
  private KeyText() {}

  static String ofHex(String hex) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex)))
              .toString();
      return text.chars().noneMatch(Character::isISOControl) ? text : "0x" + hex;
    } catch (CharacterCodingException e) {
      return "0x" + hex;
    }
  }
}
