package io.featurekv.client;

/** What a read found out about one key. */
public enum KeyStatus {
  /** There is a value. */
  FOUND,
  /** The version has no entry with this key. */
  ABSENT,
  /** Nobody could tell within the deadline; {@link BatchResult#error} says why. */
  FAILED
}
