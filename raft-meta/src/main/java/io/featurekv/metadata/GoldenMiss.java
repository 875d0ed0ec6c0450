package io.featurekv.metadata;

/** A golden key that a version does not say the right thing of; texts for a person. */
public record GoldenMiss(String key, String expected, String found) {
  /** Longest text of a part. */
  static final int MAX_CHARS = 240;

  public GoldenMiss {
    key = Step.cut(key, MAX_CHARS);
    expected = Step.cut(expected, MAX_CHARS);
    found = Step.cut(found, MAX_CHARS);
  }

  @Override
  public String toString() {
    return key + ": expected " + expected + ", found " + found;
  }
}
