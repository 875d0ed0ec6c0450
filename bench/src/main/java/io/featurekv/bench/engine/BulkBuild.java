package io.featurekv.bench.engine;

import io.featurekv.bench.data.RowFeed;
import io.featurekv.bench.report.Stages;
import java.io.IOException;
import java.nio.file.Path;

/** One way of storing entries that come in any order. */
public interface BulkBuild {
  /** For tables and options. */
  String name();

  /** How it is done, for the record. */
  String description();

  /**
   * Builds a store in an empty directory and forces it to the disk.
   *
   * @param stages is told of the end of every part of the work
   * @throws IOException when entries cannot be read or the store not be written
   */
  void build(Path directory, RowFeed rows, Stages stages) throws IOException;

  /** Opens what was built. */
  Store open(Path directory) throws IOException;
}
