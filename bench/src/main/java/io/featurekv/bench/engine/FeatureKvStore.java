package io.featurekv.bench.engine;

import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.model.Limits;
import io.featurekv.storage.BatchLookup;
import io.featurekv.storage.KeyBatch;
import io.featurekv.storage.LookupResult;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardChain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads as a node does: keys hashed and routed, a lease of every chain for each batch, one lookup
 * over all shards, every value copied out under the leases.
 */
final class FeatureKvStore implements OrderedStore {
  private final String name;
  private final List<OpenShardFile> files;
  private final List<ShardChain> chains;
  private final KeyBatch keys = new KeyBatch(Limits.MAX_BATCH_KEYS);
  private final BatchLookup lookup = new BatchLookup(Limits.MAX_BATCH_KEYS);
  private final LookupResult result = new LookupResult(Limits.MAX_BATCH_KEYS);

  FeatureKvStore(String name, List<OpenShardFile> files, List<ShardChain> chains) {
    this.name = name;
    this.files = files;
    this.chains = chains;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void get(RequestBatch batch, Reply reply) {
    int count = batch.size();
    keys.reset(batch.keys());
    for (int i = 0; i < count; i++) {
      keys.add((long) i * StandardKeys.KEY_BYTES, StandardKeys.KEY_BYTES);
    }
    keys.route(chains.size());
    acquire();
    try {
      result.reset(count);
      lookup.lookup(keys, chains, nowSeconds(), result);
      for (int i = 0; i < count; i++) {
        byte state = result.state(i);
        if (state == LookupResult.FOUND) {
          result.copyValue(i, reply.memory(), reply.used());
          reply.found(i, result.length(i));
        } else if (state == LookupResult.ABSENT) {
          reply.absent(i);
        } else {
          throw new IllegalStateException(
              name + ": key " + i + " is in state " + state + ": " + result.failure(i));
        }
      }
    } finally {
      chains.forEach(ShardChain::release);
    }
  }

  private void acquire() {
    for (ShardChain chain : chains) {
      if (!chain.tryAcquire()) {
        throw new IllegalStateException(name + " is closed");
      }
    }
  }

  private static long nowSeconds() {
    return System.currentTimeMillis() / 1000;
  }

  @Override
  public long scan(byte @Nullable [] from, long maxEntries, ScanReply reply) {
    acquire();
    try {
      return new ShardMerge(chains, from, maxEntries, nowSeconds()).run(reply);
    } finally {
      chains.forEach(ShardChain::release);
    }
  }

  @Override
  public long memoryBytes() {
    return files.stream().mapToLong(OpenShardFile::residentBytes).sum();
  }

  @Override
  public void close() {
    result.close();
    chains.forEach(ShardChain::close);
    files.forEach(OpenShardFile::close);
  }
}
