package io.featurekv.bench.engine;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.Layout;
import io.featurekv.bench.data.SortedSource;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.BlockDictionary;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import io.featurekv.storage.ShardWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * FeatureKV itself: a table of a kind, built and opened through the module's face.
 *
 * @param isChain whether the full file is followed by the updates of {@link EntrySet} as
 *     increments; only a {@link SortedSource} can build that
 */
public record FeatureKvEngine(String name, TableKind kind, int shards, boolean isChain)
    implements Engine {
  private static final long FULL_VERSION = 1;

  @Override
  public Layout layout() {
    return new Layout(shards, EntryOrder.of(kind));
  }

  /** Files of each shard. */
  int chainFiles() {
    return isChain ? 1 + EntrySet.UPDATES : 1;
  }

  /** Path of a file; 0 is the full one. */
  Path path(Path directory, int shard, int update) {
    return directory.resolve(shard + "-" + update + ".mdb");
  }

  ShardFileSpec spec(int shard, int update) {
    return new ShardFileSpec(
        new ShardFileId("bench", FULL_VERSION + update, shard),
        shards,
        kind,
        update == 0 ? UpdateMode.FULL : UpdateMode.INCREMENTAL);
  }

  @Override
  public void build(Path directory, EntrySource source) {
    byte[] dictionary =
        kind == TableKind.BLK
            ? BlockDictionary.train(
                source.neighbourSamples(
                    ShardBuildOptions.DEFAULT_BLOCK_ENTRIES, BlockDictionary.SAMPLE_BYTES))
            : null;
    buildFiles(directory, source, 0, dictionary);
    if (isChain) {
      if (!(source instanceof SortedSource sorted)) {
        throw new IllegalArgumentException("a chain is built from sorted input only");
      }
      for (int update = 1; update <= EntrySet.UPDATES; update++) {
        buildFiles(directory, sorted.update(update), update, dictionary);
      }
    }
  }

  private void buildFiles(
      Path directory, EntrySource source, int update, byte @Nullable [] dictionary) {
    for (int shard = 0; shard < shards; shard++) {
      int count = source.count(shard);
      ShardBuildOptions options =
          dictionary == null
              ? ShardBuildOptions.forEntries(count)
              : new ShardBuildOptions(count, ShardBuildOptions.DEFAULT_BLOCK_ENTRIES, dictionary);
      try (ShardWriter writer =
          ShardFiles.create(path(directory, shard, update), spec(shard, update), options)) {
        source.feed(
            shard,
            (key, keyLength, value, valueLength) ->
                writer.put(key, 0, keyLength, value, 0, valueLength));
        writer.seal();
      }
    }
  }

  /** All files of a directory: those of shard 0 first, each shard's full file first. */
  public List<Path> paths(Path directory) {
    List<Path> paths = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      for (int update = 0; update < chainFiles(); update++) {
        paths.add(path(directory, shard, update));
      }
    }
    return paths;
  }

  @Override
  public OrderedStore open(Path directory) {
    List<OpenShardFile> files = new ArrayList<>();
    List<ShardChain> chains = new ArrayList<>();
    try {
      for (int shard = 0; shard < shards; shard++) {
        List<OpenShardFile> newestFirst = new ArrayList<>();
        for (int update = chainFiles() - 1; update >= 0; update--) {
          OpenShardFile file = ShardFiles.open(path(directory, shard, update), spec(shard, update));
          files.add(file);
          newestFirst.add(file);
        }
        chains.add(ShardChain.of(newestFirst));
      }
      return new FeatureKvStore(name, files, chains);
    } catch (RuntimeException e) {
      chains.forEach(ShardChain::close);
      files.forEach(OpenShardFile::close);
      throw e;
    }
  }
}
