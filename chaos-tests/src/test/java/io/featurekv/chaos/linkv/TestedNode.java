package io.featurekv.chaos.linkv;

/** A node under test. May be used by any thread; {@link #deliver} does not block. */
interface TestedNode extends AutoCloseable {
  /** Starts it, again on the same files if it ran before. */
  void start();

  /** Hands it a line; one that is dead gets nothing. */
  void deliver(String line);

  /** Ends it without a word. */
  void kill();

  /** Stops it where it is, until {@link #resume}; false where that cannot be done. */
  boolean pause();

  void resume();

  /** Ended by itself: which no node may. */
  boolean hasFailed();

  @Override
  void close();
}
