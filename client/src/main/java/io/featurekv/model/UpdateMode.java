package io.featurekv.model;

import java.util.Locale;

/** What a version is built on. */
public enum UpdateMode {
  /** The version is the whole table. */
  FULL,
  /** The version is its parent with some values replaced, added or deleted. */
  INCREMENTAL;

  /** {@code full} or {@code incremental}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode of a {@link #word()}. */
  public static UpdateMode ofWord(String word) {
    for (UpdateMode mode : values()) {
      if (mode.word().equals(word)) {
        return mode;
      }
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT, "mode '" + word + "' is neither full nor incremental");
  }
}
