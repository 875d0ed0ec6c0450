package io.featurekv.loader.sort;

/** What becomes of several rows with one key. */
public interface Duplicates {
  /** True: the last row in input order stays. False: the first one does. */
  boolean lastWins();

  /**
   * Hears of every row that does not stay, once. Called from several threads.
   *
   * @param location {@link RowLocation} of the row that is dropped
   */
  void dropped(long location);
}
