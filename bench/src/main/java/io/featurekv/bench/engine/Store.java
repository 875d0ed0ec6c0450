package io.featurekv.bench.engine;

import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;

/** An open store, read by one thread. */
public interface Store extends AutoCloseable {
  /** The name of its engine. */
  String name();

  /** Looks up a batch and copies what it finds to the reply, which was reset. */
  void get(RequestBatch batch, Reply reply);

  /** Bytes of memory that it holds of its own; what the page cache holds of its files is not. */
  long memoryBytes();

  @Override
  void close();
}
