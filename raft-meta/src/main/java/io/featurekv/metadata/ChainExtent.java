package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import java.util.List;

/**
 * How much a version holds when its chain is read as one: between two ends, because a key of an
 * increment may or may not be in an older file too. The ends are equal for a version that is one
 * full file per shard.
 */
record ChainExtent(long leastEntries, long mostEntries, long leastBytes, long mostBytes) {
  static ChainExtent of(TableRecord table, VersionRecord version) {
    ChainExtent sum = new ChainExtent(0, 0, 0, 0);
    for (int shard = 0; shard < version.shardCount(); shard++) {
      sum = sum.plus(ofShard(table.chain(version, shard)));
    }
    return sum;
  }

  private static ChainExtent ofShard(List<ChainFile> newestFirst) {
    long least = 0;
    long most = 0;
    long fullEntries = 0;
    long fullBytes = 0;
    long bytes = 0;
    for (ChainFile file : newestFirst.reversed()) {
      FileManifest manifest = file.manifest();
      if (manifest == null) {
        continue;
      }
      if (bytes == 0) {
        fullEntries = manifest.entries();
        fullBytes = manifest.lengthBytes();
      }
      least = Math.max(least - manifest.tombstones(), manifest.entries());
      most += manifest.entries();
      bytes += manifest.lengthBytes();
    }
    double left = fullEntries == 0 ? 0 : Math.min(1, (double) least / fullEntries);
    return new ChainExtent(least, most, (long) (fullBytes * left), bytes);
  }

  private ChainExtent plus(ChainExtent other) {
    return new ChainExtent(
        leastEntries + other.leastEntries,
        mostEntries + other.mostEntries,
        leastBytes + other.leastBytes,
        mostBytes + other.mostBytes);
  }
}
