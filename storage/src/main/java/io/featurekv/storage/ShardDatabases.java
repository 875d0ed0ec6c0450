package io.featurekv.storage;

import io.featurekv.model.TableKind;
import java.util.List;

/** Which named databases a shard file has. */
final class ShardDatabases {
  private ShardDatabases() {}

  static List<String> of(ShardFileInfo info) {
    if (info.formatVersion() == 1) {
      return List.of(ShardFileFormat.DATA, ShardFileFormat.INFO);
    }
    return info.spec().kind() == TableKind.MEM
        ? List.of(
            ShardFileFormat.HEAP,
            ShardFileFormat.INDEX,
            ShardFileFormat.INFO,
            ShardFileFormat.SLOTS)
        : List.of(
            ShardFileFormat.DATA,
            ShardFileFormat.FILTER,
            ShardFileFormat.INDEX,
            ShardFileFormat.INFO);
  }
}
