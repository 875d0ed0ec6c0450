package io.featurekv.loader.row;

/** What a cell of a {@link Row} holds, with as much of its type as the source knows. */
public enum CellType {
  /** No value. */
  NULL,
  /** A slice of bytes that are valid UTF-8. */
  TEXT,
  /** A whole number, {@link Row#whole}. */
  WHOLE,
  /** A whole number that is too long for a {@code long}; a slice of its digits. */
  BIG_WHOLE,
  /** An exact number with a fraction; a slice of its digits, a form that JSON allows. */
  DECIMAL,
  /** A floating-point number as it was written; a slice in a form that JSON allows. */
  NUMBER,
  /** A finite number of single precision, {@link Row#floating}. */
  FLOAT,
  /** A finite number of double precision, {@link Row#floating}. */
  DOUBLE,
  /** True or false: {@link Row#whole} is 1 or 0. */
  BOOL,
  /** A slice of bytes that are not known to be text. */
  BINARY,
  /** An object or an array; a slice of compact JSON in UTF-8. */
  NESTED,
  /** A value that cannot be taken; {@link Row#reason} says why: "is NaN". */
  INVALID
}
