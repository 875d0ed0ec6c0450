package io.featurekv.node.serving;

import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetReader;
import io.featurekv.storage.BatchLookup;
import io.featurekv.storage.KeyBatch;
import io.featurekv.storage.LookupResult;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * What one thread needs to answer a batch, reused from batch to batch: the keys by shard, the
 * lookup, and the results. Not thread-safe; one per thread, see {@link #ofThisThread}.
 */
final class BatchScratch {
  private static final FastThreadLocal<BatchScratch> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected BatchScratch initialValue() {
          return new BatchScratch();
        }
      };

  final BatchGetReader reader = new BatchGetReader();
  final KnownNames names = new KnownNames();
  final KnownColumns columns = new KnownColumns();
  final KeyBatch keys = new KeyBatch(Limits.MAX_BATCH_KEYS);
  final BatchLookup lookup = new BatchLookup(Limits.MAX_BATCH_KEYS);
  final LookupResult result = new LookupResult(Limits.MAX_BATCH_KEYS);
  final KeyAnswers answers = new KeyAnswers(result);

  static BatchScratch ofThisThread() {
    return OF_THREAD.get();
  }
}
