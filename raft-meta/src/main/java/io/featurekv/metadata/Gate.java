package io.featurekv.metadata;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What a version must pass before it can become active; each can be ignored by one load. */
public enum Gate {
  /** There is at least one entry; asked of every table. */
  EMPTY("empty"),
  /** Entries and bytes are not too few beside the version before. */
  SHRINK("shrink"),
  /** Entries and bytes are not too many beside the version before. */
  GROWTH("growth"),
  /** Not too many of the rows were refused. */
  REJECTED("rejected"),
  /** Not too many of the rows had the key of a later one. */
  DUPLICATES("duplicates"),
  /** Every input has the columns that it must have; asked where inputs are read. */
  COLUMNS("columns"),
  /** Certain keys say what they are known to say. */
  GOLDEN("golden"),
  /** Enough of the keys were in the version before. */
  OVERLAP("overlap");

  private final String word;

  Gate(String word) {
    this.word = word;
  }

  /** How people write it. */
  public String word() {
    return word;
  }

  /** Every word, in the order of the gates. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Gate::word).toList();
  }

  /**
   * The gate of a word.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT naming all words
   */
  public static Gate ofWord(String word) {
    for (Gate gate : values()) {
      if (gate.word.equals(word)) {
        return gate;
      }
    }
    throw Step.invalid(
        "'"
            + Step.cut(word, 40)
            + "' is no gate; there are "
            + words().stream().collect(Collectors.joining(", ")));
  }
}
