package io.featurekv.model;

/**
 * Names one shard file of the cluster. Version numbers are never used twice for one table name, so
 * the three parts say it all; the receiver of a file derives its path from them.
 */
public record ShardFileId(String table, long version, int shard) {
  public ShardFileId {
    TableName.checked("table", table);
    if (version <= 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "version " + version + " is not a positive number");
    }
    if (shard < 0 || shard >= Limits.MAX_SHARDS) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "shard " + shard + " is not in 0.." + (Limits.MAX_SHARDS - 1));
    }
  }

  @Override
  public String toString() {
    return table + "/" + version + "/" + shard;
  }
}
