package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.ShardFileId;
import org.jspecify.annotations.Nullable;

/**
 * Whether the metadata still refers to a file that the placement does not give to this node: pure
 * functions.
 */
final class Referenced {
  private Referenced() {}

  static boolean isFailed(ClusterMetadata metadata, String table, long version) {
    VersionRecord record = version(metadata, table, version);
    return record != null && record.state() == VersionState.FAILED;
  }

  /**
   * Whether a file must stay although no chain that is wanted here uses it: its version is being
   * built or loaded and this node was given the file, or no other node of its sect that is up has
   * it ready yet.
   */
  static boolean mustStay(ClusterMetadata metadata, String nodeId, ShardFileId id) {
    VersionRecord version = version(metadata, id.table(), id.version());
    if (version == null || id.shard() >= version.shardCount()) {
      return false;
    }
    return switch (version.state()) {
      case BUILDING, SEALED, LOADING -> true;
      case READY, ACTIVE, RETAINED, ROLLED_BACK -> {
        ShardRecord shard = version.shards().get(id.shard());
        NodeRecord self = metadata.nodes().get(nodeId);
        yield shard.ready().stream()
            .filter(ready -> !ready.equals(nodeId))
            .map(metadata.nodes()::get)
            .noneMatch(
                node ->
                    node != null
                        && self != null
                        && node.sect().equals(self.sect())
                        && node.state() == NodeState.UP);
      }
      case FAILED, DROPPED -> false;
    };
  }

  private static @Nullable VersionRecord version(
      ClusterMetadata metadata, String table, long version) {
    TableRecord record = metadata.tables().get(table);
    return record == null ? null : record.versions().get(version);
  }
}
