package io.featurekv.client;

/**
 * Looks at the answers of a batch where they lie, and makes of them what its caller wants to have.
 *
 * @param <R> what it makes
 */
@FunctionalInterface
public interface BatchReader<R> {
  /**
   * Called once, on a network thread, when the batch has ended: must be short and must not block.
   * What it throws is what the batch's future ends with.
   *
   * @param view valid during this call only
   */
  R read(BatchView view);
}
