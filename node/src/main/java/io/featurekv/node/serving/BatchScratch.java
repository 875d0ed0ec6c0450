package io.featurekv.node.serving;

import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.storage.KeyBatch;
import io.featurekv.storage.LookupResult;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What one thread needs to answer a batch, reused from batch to batch: the keys, their shards, the
 * order by shard, and the results. Not thread-safe; one per thread, see {@link #ofThisThread}.
 */
final class BatchScratch {
  private static final ThreadLocal<BatchScratch> OF_THREAD =
      ThreadLocal.withInitial(BatchScratch::new);

  final KeyBatch keys = new KeyBatch(Limits.MAX_BATCH_KEYS);
  final LookupResult result = new LookupResult(Limits.MAX_BATCH_KEYS);
  final int[] shardOfKey = new int[Limits.MAX_BATCH_KEYS];

  /** Positions of the keys, those of one shard side by side. */
  final int[] byShard = new int[Limits.MAX_BATCH_KEYS];

  /** Where the keys of a shard begin in {@link #byShard}; one more than there are shards. */
  int[] shardStart = new int[Limits.MAX_SHARDS + 1];

  static BatchScratch ofThisThread() {
    return OF_THREAD.get();
  }

  /**
   * Takes the keys of a request, hashes them and sorts their positions by shard (counting sort).
   */
  void prepare(BatchGetRequest request, int shards) {
    int count = request.count();
    keys.reset(MemorySegment.ofBuffer(request.buffer().duplicate().clear()));
    for (int key = 0; key < count; key++) {
      keys.add(request.keyOffset(key), request.keyLength(key));
    }
    result.reset(count);
    Arrays.fill(shardStart, 0, shards + 1, 0);
    for (int key = 0; key < count; key++) {
      int shard = KeyHash.shardOf(keys.hash(key), shards);
      shardOfKey[key] = shard;
      shardStart[shard + 1]++;
    }
    for (int shard = 0; shard < shards; shard++) {
      shardStart[shard + 1] += shardStart[shard];
    }
    for (int key = 0; key < count; key++) {
      byShard[shardStart[shardOfKey[key]]++] = key;
    }
    System.arraycopy(shardStart, 0, shardStart, 1, shards);
    shardStart[0] = 0;
  }
}
