package io.featurekv.metadata;

import java.util.List;

/**
 * What a node found when it looked into a shard of a version that is to become active.
 *
 * @param sampledKeys keys of it that were looked up in the version before
 * @param knownKeys those of them that are there too
 * @param misses golden keys of the shard that are not as expected
 */
public record ShardFindings(int sampledKeys, int knownKeys, List<GoldenMiss> misses) {
  public ShardFindings {
    misses = List.copyOf(misses);
  }
}
