package io.featurekv.model;

/** The type of a column of typed rows. {@link RowSchema} says how each lies in a row. */
public enum RowType {
  /** A signed integer of 64 bits. */
  INT64(1, "int64", Long.BYTES),
  /** An IEEE 754 number of 64 bits; NaN and the infinities are values too. */
  DOUBLE(2, "double", Double.BYTES),
  /** An IEEE 754 number of 32 bits; NaN and the infinities are values too. */
  FLOAT(3, "float", Float.BYTES),
  /** True or false. */
  BOOL(4, "bool", 0),
  /** UTF-8 text. */
  STRING(5, "string", RowType.VARIABLE),
  /** Any bytes. */
  BYTES(6, "bytes", RowType.VARIABLE),
  /** A list of {@link #FLOAT}, an embedding for example; its elements are never null. */
  FLOAT_LIST(7, "list<float>", RowType.VARIABLE);

  private static final int VARIABLE = -1;

  private final int code;
  private final String word;
  private final int widthBytes;

  RowType(int code, String word, int widthBytes) {
    this.code = code;
    this.word = word;
    this.widthBytes = widthBytes;
  }

  /** The number on the wire and in the metadata. */
  public int code() {
    return code;
  }

  /** The word used on the command line, like {@code int64} or {@code list<float>}. */
  public String word() {
    return word;
  }

  /** Bytes of its slot; 0 for {@link #BOOL}, which takes a bit. Only where not variable. */
  int widthBytes() {
    return widthBytes;
  }

  /** Whether its values are of different lengths. */
  boolean isVariable() {
    return widthBytes == VARIABLE;
  }

  /** Whether every value of {@code other} is one of this type too. */
  boolean isWiderThan(RowType other) {
    return this == DOUBLE && other == FLOAT;
  }

  /**
   * The type of a {@link #code()}.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for any other number
   */
  public static RowType ofCode(int code) {
    for (RowType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT, "there is no type of columns with the number " + code);
  }

  /**
   * The type of a {@link #word()}.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for any other word
   */
  public static RowType ofWord(String word) {
    for (RowType type : values()) {
      if (type.word.equals(word)) {
        return type;
      }
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT,
        "type '" + word + "' is none of int64, double, float, bool, string, bytes, list<float>");
  }
}
