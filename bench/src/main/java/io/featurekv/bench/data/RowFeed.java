package io.featurekv.bench.data;

import java.io.IOException;

/** Entries that are read from somewhere, in any order. */
public interface RowFeed {
  /** How many there are. */
  int count();

  /**
   * Hands all of them over, one after the other, though maybe from several threads.
   *
   * @throws IOException when they cannot be read, or the sink fails
   */
  void feed(Sink sink) throws IOException;

  /** Takes entries. */
  @FunctionalInterface
  interface Sink {
    /** Takes an entry; the arrays are its own from now on. */
    void put(byte[] key, byte[] value) throws IOException;
  }
}
