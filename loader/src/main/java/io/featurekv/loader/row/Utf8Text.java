package io.featurekv.loader.row;

/** Strict UTF-8: nothing is replaced in silence. */
public final class Utf8Text {
  private Utf8Text() {}

  /** Whether bytes are UTF-8 (RFC 3629: shortest forms, no surrogates, none beyond U+10FFFF). */
  public static boolean isValid(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int at = offset;
    while (true) {
      at += ByteScan.asciiLength(bytes, at, end - at);
      if (at == end) {
        return true;
      }
      int taken = sequenceLength(bytes, at, end);
      if (taken == 0) {
        return false;
      }
      at += taken;
    }
  }

  /** Length of the sequence of several bytes at {@code at}, 0 if it is none. */
  private static int sequenceLength(byte[] bytes, int at, int end) {
    int lead = bytes[at] & 0xFF;
    int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || end - at < length) {
      return 0;
    }
    int second = bytes[at + 1] & 0xFF;
    int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) {
      return 0;
    }
    for (int i = 2; i < length; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
