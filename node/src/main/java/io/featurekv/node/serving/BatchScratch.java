package io.featurekv.node.serving;

import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.storage.BatchLookup;
import io.featurekv.storage.KeyBatch;
import io.featurekv.storage.LookupResult;
import java.lang.foreign.MemorySegment;

/**
 * What one thread needs to answer a batch, reused from batch to batch: the keys by shard, the
 * lookup, and the results. Not thread-safe; one per thread, see {@link #ofThisThread}.
 */
final class BatchScratch {
  private static final ThreadLocal<BatchScratch> OF_THREAD =
      ThreadLocal.withInitial(BatchScratch::new);

  final KeyBatch keys = new KeyBatch(Limits.MAX_BATCH_KEYS);
  final BatchLookup lookup = new BatchLookup(Limits.MAX_BATCH_KEYS);
  final LookupResult result = new LookupResult(Limits.MAX_BATCH_KEYS);

  static BatchScratch ofThisThread() {
    return OF_THREAD.get();
  }

  /** Takes the keys of a request, hashes them and finds their shards. */
  void prepare(BatchGetRequest request, int shards) {
    int count = request.count();
    keys.reset(MemorySegment.ofBuffer(request.buffer().duplicate().clear()));
    for (int key = 0; key < count; key++) {
      keys.add(request.keyOffset(key), request.keyLength(key));
    }
    keys.route(shards);
    result.reset(count);
  }

  /** Whether some key belongs to a shard. */
  boolean hasKeysOf(int shard) {
    return keys.hasKeysOf(shard);
  }

  /** The shard of each key, a copy. */
  int[] shardOfKeys() {
    int[] shards = new int[keys.count()];
    for (int key = 0; key < shards.length; key++) {
      shards[key] = keys.shard(key);
    }
    return shards;
  }
}
