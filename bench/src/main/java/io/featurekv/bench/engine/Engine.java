package io.featurekv.bench.engine;

import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.Layout;
import java.io.IOException;
import java.nio.file.Path;

/** One way of storing a set of entries. */
public interface Engine {
  /** For tables and options. */
  String name();

  /** How it wants its entries. */
  Layout layout();

  /**
   * Builds a store in an empty directory; those that can force it to the disk have done so then.
   *
   * @throws IOException when it could not be written
   */
  void build(Path directory, EntrySource source) throws IOException;

  /** Opens what was built. */
  Store open(Path directory) throws IOException;
}
