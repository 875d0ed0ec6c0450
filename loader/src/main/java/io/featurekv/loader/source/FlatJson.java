package io.featurekv.loader.source;

import io.featurekv.loader.row.ByteScan;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.CellType;
import io.featurekv.loader.row.Row;

/**
 * Reads the JSON of which most files are made: one object of texts, numbers, booleans and nulls.
 * What it does not know (nested values, escapes beyond U+FFFF, long numbers, names that are there
 * twice, and whatever is malformed) it refuses, so that a full parser reads it and says what is
 * wrong. Not thread-safe.
 */
final class FlatJson {
  /** So many digits always fit into a long. */
  private static final int MAX_WHOLE_DIGITS = 18;

  /** Bound on the length of other numbers. */
  private static final int MAX_NUMBER_BYTES = 300;

  private static final long QUOTES = ByteScan.pattern('"');
  private static final long BACKSLASHES = ByteScan.pattern('\\');
  private static final long ABOVE_CONTROLS = ByteScan.pattern(0xE0);

  private final FieldNames names;
  private final ByteSink unescaped = new ByteSink();
  private byte[] bytes = {};
  private int at;
  private int end;

  // The string that was read last.
  private byte[] textArray = {};
  private int textOffset;
  private int textLength;

  FlatJson(FieldNames names) {
    this.names = names;
  }

  /**
   * Reads a line into a row.
   *
   * @param array valid UTF-8 from {@code offset} on, and at least seven bytes behind it
   * @return false where it refuses; what is in the row then means nothing
   */
  boolean read(byte[] array, int offset, int length, Row row, long number) {
    bytes = array;
    at = offset;
    end = offset + length;
    unescaped.reset();
    if (!skipTo('{')) {
      return false;
    }
    FieldNames.Node node = names.none();
    int count = 0;
    if (!skipTo('}')) {
      do {
        if (!skipTo('"') || !readString()) {
          return false;
        }
        node = node.with(textArray, textOffset, textLength);
        row.room(count + 1);
        if (node.repeats() || !skipTo(':') || !readValue(row, count)) {
          return false;
        }
        count++;
      } while (skipTo(','));
      if (!skipTo('}')) {
        return false;
      }
    }
    skipBlanks();
    if (at < end) {
      return false;
    }
    row.begin(node.columns(), number);
    return true;
  }

  private void skipBlanks() {
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) {
      at++;
    }
  }

  /** Goes behind blanks and a character, if that comes next. */
  private boolean skipTo(char wanted) {
    skipBlanks();
    if (at < end && bytes[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private boolean readValue(Row row, int cell) {
    skipBlanks();
    if (at == end) {
      return false;
    }
    switch (bytes[at]) {
      case '"' -> {
        at++;
        if (!readString()) {
          return false;
        }
        row.setText(cell, textArray, textOffset, textLength);
      }
      case 't' -> {
        row.setBool(cell, true);
        return skipWord("true");
      }
      case 'f' -> {
        row.setBool(cell, false);
        return skipWord("false");
      }
      case 'n' -> {
        row.setNull(cell);
        return skipWord("null");
      }
      default -> {
        return readNumber(row, cell);
      }
    }
    return true;
  }

  private boolean skipWord(String word) {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at == end || bytes[at] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean readNumber(Row row, int cell) {
    int from = at;
    boolean negative = bytes[at] == '-';
    int digits = negative ? from + 1 : from;
    int wholeEnd = digitsEnd(digits);
    if (wholeEnd == digits || (bytes[digits] == '0' && wholeEnd > digits + 1)) {
      return false;
    }
    at = wholeEnd;
    if (at < end && (bytes[at] == '.' || bytes[at] == 'e' || bytes[at] == 'E')) {
      return readFraction(row, cell, from);
    }
    if (wholeEnd - digits > MAX_WHOLE_DIGITS) {
      return false;
    }
    long value = 0;
    for (int i = digits; i < wholeEnd; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    row.setWhole(cell, negative ? -value : value);
    return true;
  }

  private boolean readFraction(Row row, int cell, int from) {
    if (bytes[at] == '.') {
      int fraction = at + 1;
      at = digitsEnd(fraction);
      if (at == fraction) {
        return false;
      }
    }
    if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
      int exponent = at + 1;
      exponent += exponent < end && (bytes[exponent] == '-' || bytes[exponent] == '+') ? 1 : 0;
      at = digitsEnd(exponent);
      if (at == exponent) {
        return false;
      }
    }
    row.setSlice(cell, CellType.NUMBER, bytes, from, at - from);
    return at - from <= MAX_NUMBER_BYTES;
  }

  private int digitsEnd(int from) {
    int i = from;
    while (i < end && bytes[i] >= '0' && bytes[i] <= '9') {
      i++;
    }
    return i;
  }

  /** Reads the rest of a string whose quote has been read. */
  private boolean readString() {
    int from = at;
    int stop = plainEnd(from);
    if (stop < end && bytes[stop] == '"') {
      textArray = bytes;
      textOffset = from;
      textLength = stop - from;
      at = stop + 1;
      return true;
    }
    int start = unescaped.length();
    while (stop < end && bytes[stop] != '"') {
      unescaped.put(bytes, from, stop - from);
      from = bytes[stop] == '\\' ? unescape(stop + 1) : 0;
      if (from == 0) {
        return false;
      }
      stop = plainEnd(from);
    }
    if (stop >= end) {
      return false;
    }
    unescaped.put(bytes, from, stop - from);
    textArray = unescaped.array();
    textOffset = start;
    textLength = unescaped.length() - start;
    at = stop + 1;
    return true;
  }

  /** The first position that is no plain character of a string, or the end. */
  private int plainEnd(int from) {
    for (int i = from; i < end; i += Long.BYTES) {
      long word = ByteScan.word(bytes, i);
      // A control character has none of the highest three bits.
      long found =
          ByteScan.find(word, QUOTES)
              | ByteScan.find(word, BACKSLASHES)
              | ByteScan.find(word & ABOVE_CONTROLS, 0);
      if (found != 0) {
        return Math.min(end, i + ByteScan.first(found));
      }
    }
    return end;
  }

  /** Appends what the escape behind a backslash means; where it ends, 0 where it is refused. */
  private int unescape(int letter) {
    if (letter >= end) {
      return 0;
    }
    switch (bytes[letter]) {
      case '"', '\\', '/' -> unescaped.put(bytes[letter]);
      case 'b' -> unescaped.put('\b');
      case 'f' -> unescaped.put('\f');
      case 'n' -> unescaped.put('\n');
      case 'r' -> unescaped.put('\r');
      case 't' -> unescaped.put('\t');
      case 'u' -> {
        int unit = codeUnit(letter + 1);
        if (unit < 0 || Character.isSurrogate((char) unit)) {
          return 0;
        }
        unescaped.putCodePoint(unit);
        return letter + 5;
      }
      default -> {
        return 0;
      }
    }
    return letter + 1;
  }

  /** Four hex digits; negative where there are none. */
  private int codeUnit(int from) {
    if (end - from < 4) {
      return -1;
    }
    int unit = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
