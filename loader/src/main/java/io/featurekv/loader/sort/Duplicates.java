package io.featurekv.loader.sort;

/** What becomes of several rows with one key. Methods are called from several threads. */
public interface Duplicates {
  /** True: the last row in input order stays. False: the first one does. */
  boolean lastWins();

  /**
   * Hears of every row that does not stay, once.
   *
   * @param shard of its key
   * @param record valid during the call only
   */
  void dropped(int shard, SortedRecord record);
}
