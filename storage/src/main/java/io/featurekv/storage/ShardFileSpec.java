package io.featurekv.storage;

import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;

/**
 * What a shard file says about itself.
 *
 * @param shards shard count of the version
 */
public record ShardFileSpec(ShardFileId id, int shards, TableKind kind, UpdateMode mode) {
  /** For messages: {@code prices/7/0 of 8 shards, mem, full}. */
  @Override
  public String toString() {
    return id + " of " + shards + " shards, " + kind.word() + ", " + mode.word();
  }
}
