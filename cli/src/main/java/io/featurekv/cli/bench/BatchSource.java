package io.featurekv.cli.bench;

import java.util.function.Consumer;

/** Answers batches. Thread-safe. */
interface BatchSource extends AutoCloseable {
  /**
   * Asks for a batch of the active version, and does not wait for the answer.
   *
   * @param done is handed the batch, with what was found, on a network thread or on this one
   */
  void read(Batch batch, Consumer<Batch> done);

  @Override
  void close();
}
