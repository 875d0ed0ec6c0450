package io.featurekv.loader.row;

/** One value of a row, with as much of its type as the source knows. */
public sealed interface Cell {
  /** Text, which may hold halves of surrogate pairs; those have no UTF-8 form. */
  record Text(String text) implements Cell {}

  /** A whole number. */
  record Whole(long value) implements Cell {}

  /**
   * An exact number too long for a {@code long}, or a decimal; its JSON form.
   *
   * @param integral whether it has no fraction
   */
  record Exact(String text, boolean integral) implements Cell {}

  /** A floating-point number, finite; its JSON form. */
  record Floating(String text) implements Cell {}

  /** True or false. */
  record Bool(boolean value) implements Cell {}

  /** Bytes that are not known to be text. */
  record Binary(byte[] bytes) implements Cell {}

  /** An object or an array, as compact JSON in UTF-8. */
  record Nested(byte[] json) implements Cell {}

  /** No value. */
  record Null() implements Cell {}

  /** A value that cannot be taken, and why: "is NaN". */
  record Invalid(String reason) implements Cell {}

  Cell NULL = new Null();
  Cell TRUE = new Bool(true);
  Cell FALSE = new Bool(false);
}
