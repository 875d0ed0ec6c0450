package io.featurekv.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table with typed rows.
 *
 * <p>As people write it: {@code NAME:TYPE}, {@code NAME:TYPE?} where it may be null, and {@code
 * =DEFAULT} behind either, as {@link RowText} reads values. A default with commas, brackets, quotes
 * or spaces at its ends stands in double quotes, with a backslash before those inside.
 *
 * @param name 1 to {@value #MAX_NAME_BYTES} bytes of UTF-8; of ASCII only letters, digits and
 *     {@code _ . -}
 * @param type what it holds
 * @param nullable whether it may be null
 * @param defaultText what it is in rows that do not say, those written before there was the column
 *     among them; null: null if it may be, else such a row is refused
 * @param since the version of the schema that it came with; 0: of none, as in what is asked for and
 *     in the answer to a projection
 * @param widenedIn the version of the schema in which it became a double; it was a float before; 0:
 *     it always was what it is
 */
public record RowColumn(
    String name,
    RowType type,
    boolean nullable,
    @Nullable String defaultText,
    int since,
    int widenedIn) {
  /** Longest name. */
  public static final int MAX_NAME_BYTES = 128;

  /** Longest default, as text. */
  public static final int MAX_DEFAULT_CHARS = 4096;

  public RowColumn {
    checkName(name);
    if (defaultText != null) {
      checkDefault(name, type, defaultText);
    }
    if (since < 0 || widenedIn < 0 || (widenedIn > 0 && type != RowType.DOUBLE)) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "column '%s' of type %s cannot be there since version %d and be widened in version %d"
              .formatted(name, type.word(), since, widenedIn));
    }
  }

  /** A column that is not part of a schema yet. */
  public RowColumn(String name, RowType type, boolean nullable, @Nullable String defaultText) {
    this(name, type, nullable, defaultText, 0, 0);
  }

  private static void checkName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    boolean valid = bytes >= 1 && bytes <= MAX_NAME_BYTES;
    for (int i = 0; valid && i < name.length(); i++) {
      char c = name.charAt(i);
      valid =
          c >= 0x80
              || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '.'
              || c == '-';
    }
    if (!valid) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "column name '%s' is not valid: expected 1 to %d bytes, of ASCII only A-Z a-z 0-9 _ . -"
              .formatted(name.length() > 200 ? name.substring(0, 200) : name, MAX_NAME_BYTES));
    }
  }

  private static void checkDefault(String name, RowType type, String text) {
    if (text.length() > MAX_DEFAULT_CHARS) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "the default of column '%s' has %d characters, at most %d are allowed"
              .formatted(name, text.length(), MAX_DEFAULT_CHARS));
    }
    try {
      valueBits(type, text);
      valueBytes(type, text);
    } catch (IllegalArgumentException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the default of column '%s': %s".formatted(name, e.getMessage()),
          e);
    }
  }

  /** The bits of a fixed-width value, as a row has them; 0 for variable ones. */
  static long valueBits(RowType type, String text) {
    return switch (type) {
      case INT64 -> RowText.int64(text);
      case DOUBLE -> Double.doubleToRawLongBits(RowText.float64(text));
      case FLOAT -> Float.floatToRawIntBits(RowText.float32(text));
      case BOOL -> RowText.bool(text) ? 1 : 0;
      case STRING, BYTES, FLOAT_LIST -> 0;
    };
  }

  /** The bytes of a variable value, as a row has them; none for fixed-width ones. */
  static byte[] valueBytes(RowType type, String text) {
    return switch (type) {
      case STRING -> text.getBytes(StandardCharsets.UTF_8);
      case BYTES -> RowText.bytes(text);
      case FLOAT_LIST -> bytes(RowText.floats(text));
      case INT64, DOUBLE, FLOAT, BOOL -> new byte[0];
    };
  }

  private static byte[] bytes(float[] values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    for (int i = 0; i < values.length; i++) {
      RowWriter.INTS.set(bytes, i * Float.BYTES, Float.floatToRawIntBits(values[i]));
    }
    return bytes;
  }

  /** Whether a row may leave it out. */
  public boolean hasDefault() {
    return nullable || defaultText != null;
  }

  /** What it was in rows of a version of the schema that had it. */
  RowType typeIn(int version) {
    return version < widenedIn ? RowType.FLOAT : type;
  }

  /**
   * Reads {@code NAME:TYPE[?][=DEFAULT]}.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for anything else
   */
  public static RowColumn parse(String spec) {
    String text = spec.strip();
    int equals = text.indexOf('=');
    String head = equals < 0 ? text : text.substring(0, equals);
    int colon = head.indexOf(':');
    if (colon <= 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "column '%s' is not NAME:TYPE, like score:float or score:float=0".formatted(text));
    }
    boolean nullable = head.endsWith("?");
    String word = head.substring(colon + 1, nullable ? head.length() - 1 : head.length());
    String name = head.substring(0, colon);
    RowType type;
    try {
      type = RowType.ofWord(word);
    } catch (FeatureKvException e) {
      throw new FeatureKvException(e.code(), "column '" + name + "': " + e.getMessage(), e);
    }
    String defaultText = equals < 0 ? null : RowText.unquoted(text.substring(equals + 1));
    return new RowColumn(name, type, nullable, defaultText);
  }

  /** Reads columns of several texts, each with commas between them. */
  public static List<RowColumn> parseAll(List<String> specs) {
    List<RowColumn> columns = new ArrayList<>();
    specs.forEach(spec -> columns.addAll(parseAll(spec)));
    return columns;
  }

  /** Reads columns with commas between them. */
  public static List<RowColumn> parseAll(String specs) {
    List<RowColumn> columns = new ArrayList<>();
    for (String spec : RowText.split(specs)) {
      columns.add(parse(spec));
    }
    return columns;
  }

  /** Type and nullability, as {@link #parse} reads them. */
  public String typeText() {
    return type.word() + (nullable ? "?" : "");
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String text = defaultText;
    if (text == null) {
      return name + ":" + typeText();
    }
    // The brackets of a list keep its commas together.
    return name
        + ":"
        + typeText()
        + "="
        + (type == RowType.FLOAT_LIST ? text : RowText.quoted(text));
  }
}
