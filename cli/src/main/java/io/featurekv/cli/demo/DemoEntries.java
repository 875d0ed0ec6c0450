package io.featurekv.cli.demo;

import io.featurekv.loader.InputSpec;

/**
 * What the demonstration's tables hold at each version, so that every answer can be checked.
 * Thread-safe.
 */
interface DemoEntries {
  /** The first full load. */
  long FIRST = 1;

  /** The second full load, to which the rollback goes back. */
  long SECOND = 2;

  /** The increment on the second. */
  long INCREMENT = 3;

  /** How many there are. */
  long count();

  /** The key of an entry. */
  byte[] key(long entry);

  /** Whether this is the value of an entry at a version. */
  boolean isValue(long version, long entry, byte[] value);

  /** What is loaded as a version. */
  InputSpec input(long version);
}
