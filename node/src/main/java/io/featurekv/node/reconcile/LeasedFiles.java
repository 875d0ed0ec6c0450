package io.featurekv.node.reconcile;

import io.featurekv.storage.ShardChain;
import java.util.List;

/**
 * Open files with a reference on each, so that they stay open until this is closed. Any thread.
 *
 * @param <F> an open file
 * @param newestFirst the files
 * @param references the chain that holds the references
 */
public record LeasedFiles<F>(List<F> newestFirst, ShardChain references) implements AutoCloseable {
  public LeasedFiles {
    newestFirst = List.copyOf(newestFirst);
  }

  @Override
  public void close() {
    references.close();
  }
}
