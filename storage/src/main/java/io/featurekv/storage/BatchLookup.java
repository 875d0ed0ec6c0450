package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up all keys of a batch in all shards of one version at once. One thread; reused from batch
 * to batch; allocates nothing per key.
 *
 * <p>File by file along the chains, newest first: the files of one depth go through the stages of
 * their readers together, with the keys that no newer file has.
 */
public final class BatchLookup {
  private final LookupWork work;
  private final LookupWork single;
  private final ThreadFaults faults = new ThreadFaults();

  /** Shards of the batch that have keys and a chain, and where their keys end in the work. */
  private final int[] active = new int[Limits.MAX_SHARDS];

  private final int[] starts = new int[Limits.MAX_SHARDS];
  private final int[] ends = new int[Limits.MAX_SHARDS];
  private final ShardReader[] readers = new ShardReader[Limits.MAX_SHARDS];
  private int activeCount;

  /** The files of each depth where all are in memory; kept, for the next batch is of the same. */
  private final List<MemTables> levels = new ArrayList<>();

  private int memDepth;

  public BatchLookup(int maxKeys) {
    this.work = new LookupWork(maxKeys);
    this.single = new LookupWork(1);
  }

  /**
   * Looks up the keys of a routed batch. Each becomes FOUND, ABSENT, FAILED or, where the result
   * has no room left for its value, DEFERRED; those of shards that are not here stay UNRESOLVED.
   * The caller holds a lease of every chain for as long as it reads the result.
   *
   * @param keys routed by {@link KeyBatch#route} over as many shards as there are chains
   * @param chains by shard; null where a shard is not here
   * @param readTimeSeconds entries that expire at this time (seconds since 1970) or before are
   *     ABSENT
   * @param result reset to the count of the keys
   */
  public void lookup(
      KeyBatch keys,
      List<? extends @Nullable ShardChain> chains,
      long readTimeSeconds,
      LookupResult result) {
    work.begin(keys, result, readTimeSeconds);
    single.begin(keys, result, readTimeSeconds);
    if (areAllInMemory(keys, chains)) {
      lookupInMemory(keys.count());
      result.absentIfUnresolved();
      return;
    }
    keys.group();
    int depth = takeShards(keys, chains);
    System.arraycopy(keys.byShard(), 0, work.keys, 0, keys.count());
    for (int level = 0; level < depth; level++) {
      runLevel(chains, level);
    }
    for (int i = 0; i < activeCount; i++) {
      int end = keys.shardStart(active[i] + 1);
      for (int place = starts[i]; place < end; place++) {
        int key = keys.byShard()[place];
        if (result.state(key) == LookupResult.UNRESOLVED) {
          result.absent(key);
        }
      }
    }
  }

  /**
   * Whether every shard of the batch is here, with chains of one length of {@code mem} files; notes
   * the files then.
   */
  private boolean areAllInMemory(KeyBatch keys, List<? extends @Nullable ShardChain> chains) {
    levels.forEach(MemTables::begin);
    int depth = 0;
    for (int i = 0; i < keys.touchedShards(); i++) {
      int shard = keys.touchedShard(i);
      ShardChain chain = chains.get(shard);
      if (chain == null
          || !chain.isInMemory()
          || (depth != 0 && chain.depth() != depth)
          || chain.depth() > Limits.MAX_CHAIN_FILES) {
        return false;
      }
      depth = chain.depth();
      for (int level = 0; level < depth; level++) {
        note(level, shard, chains.size(), chain.memReader(level));
      }
    }
    memDepth = depth;
    return true;
  }

  private void note(int level, int shard, int shards, MemReader reader) {
    if (level == levels.size()) {
      levels.add(new MemTables(shards));
    }
    MemTables tables = levels.get(level);
    if (tables.size() < shards) {
      tables = new MemTables(shards);
      levels.set(level, tables);
    }
    tables.use(shard, reader);
  }

  private void lookupInMemory(int count) {
    int[] keys = work.keys;
    for (int key = 0; key < count; key++) {
      keys[key] = key;
    }
    int left = count;
    for (int level = 0; level < memDepth && left > 0; level++) {
      left = level == 0 ? left : compact(0, left);
      MemTables tables = levels.get(level);
      try {
        for (int stage = 0; stage < tables.stages(); stage++) {
          tables.stage(stage, work, work.shards, 0, left);
        }
      } catch (FeatureKvException | IndexOutOfBoundsException e) {
        oneByOne(tables, left);
      }
    }
  }

  private void oneByOne(MemTables tables, int count) {
    for (int place = 0; place < count; place++) {
      int key = work.keys[place];
      if (work.result.state(key) == LookupResult.UNRESOLVED) {
        single.keys[0] = key;
        lookupSingle(tables.reader(work.shards[key]), key, work.result);
      }
    }
  }

  /** Notes the shards that have keys and a chain; returns the length of the longest chain. */
  private int takeShards(KeyBatch keys, List<? extends @Nullable ShardChain> chains) {
    activeCount = 0;
    int depth = 0;
    for (int shard = 0; shard < chains.size(); shard++) {
      ShardChain chain = chains.get(shard);
      int from = keys.shardStart(shard);
      int to = keys.shardStart(shard + 1);
      if (chain != null && from < to) {
        active[activeCount] = shard;
        starts[activeCount] = from;
        ends[activeCount] = to;
        activeCount++;
        depth = Math.max(depth, chain.depth());
      }
    }
    return depth;
  }

  private void runLevel(List<? extends @Nullable ShardChain> chains, int level) {
    int stages = 0;
    boolean isMapped = false;
    for (int i = 0; i < activeCount; i++) {
      ShardChain chain = chains.get(active[i]);
      if (chain == null || level >= chain.depth()) {
        ends[i] = starts[i];
        continue;
      }
      ShardReader reader = chain.reader(level);
      readers[i] = reader;
      ends[i] = level == 0 ? ends[i] : compact(starts[i], ends[i]);
      stages = Math.max(stages, reader.stages());
      isMapped |= !(reader instanceof MemReader);
    }
    try {
      for (int stage = 0; stage < stages; stage++) {
        runStage(stage);
      }
    } catch (FeatureKvException | IndexOutOfBoundsException | InternalError e) {
      // An InternalError is what the JVM makes of a page of a map that cannot be read.
      oneByOne();
    }
    if (isMapped) {
      work.result.foundInMap();
      if (faults.hasWaited()) {
        noteFaults();
      }
    }
  }

  private void runStage(int stage) {
    for (int i = 0; i < activeCount; i++) {
      if (starts[i] < ends[i] && stage < readers[i].stages()) {
        readers[i].stage(stage, work, starts[i], ends[i]);
      }
    }
  }

  /** Brings the keys that are still looked for to the front; returns where they end. */
  private int compact(int from, int to) {
    int[] keys = work.keys;
    int end = from;
    for (int place = from; place < to; place++) {
      int key = keys[place];
      if (work.result.state(key) == LookupResult.UNRESOLVED) {
        keys[end++] = key;
      }
    }
    return end;
  }

  /** Tries every key for itself, so that damage is seen by those alone whom it concerns. */
  private void oneByOne() {
    LookupResult result = work.result;
    for (int i = 0; i < activeCount; i++) {
      for (int place = starts[i]; place < ends[i]; place++) {
        int key = work.keys[place];
        if (result.state(key) == LookupResult.UNRESOLVED) {
          single.keys[0] = key;
          lookupSingle(readers[i], key, result);
        }
      }
    }
  }

  private void lookupSingle(ShardReader reader, int key, LookupResult result) {
    try {
      for (int stage = 0; stage < reader.stages(); stage++) {
        reader.stage(stage, single, 0, 1);
      }
    } catch (FeatureKvException | IndexOutOfBoundsException e) {
      result.fail(key, String.valueOf(e.getMessage()));
    } catch (InternalError e) {
      result.fail(key, "the file cannot be read: " + e.getMessage());
    }
  }

  private void noteFaults() {
    for (int i = 0; i < activeCount; i++) {
      if (starts[i] < ends[i]) {
        readers[i].noteFaults();
      }
    }
  }
}
