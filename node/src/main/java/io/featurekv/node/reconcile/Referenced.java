package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.MergedFile;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the metadata still refers to a file that the placement does not give to this node: pure
 * functions.
 */
final class Referenced {
  private Referenced() {}

  /** Whether a version has failed, or is being built again since it did. */
  static boolean isNotBuilt(ClusterMetadata metadata, String table, long version) {
    VersionRecord record = version(metadata, table, version);
    return record != null
        && (record.state() == VersionState.FAILED || record.state() == VersionState.BUILDING);
  }

  static boolean isKept(ClusterMetadata metadata, String table, long version) {
    VersionRecord record = version(metadata, table, version);
    return record != null && record.state().isKept();
  }

  /**
   * Whether a file must stay although no chain that is wanted here uses it: its version is being
   * built or loaded and this node was given the file, or nothing stands in for it.
   */
  static boolean mustStay(ClusterMetadata metadata, String nodeId, FileKey key) {
    VersionRecord version = version(metadata, key.id().table(), key.id().version());
    if (version == null || key.id().shard() >= version.shardCount()) {
      return false;
    }
    if (key.merged()) {
      return version.state().isKept()
          && version.shards().get(key.id().shard()).merged() != null
          && standIns(metadata, nodeId, key).isEmpty();
    }
    return switch (version.state()) {
      case BUILDING, SEALED, LOADING -> true;
      case READY, ACTIVE, RETAINED, ROLLED_BACK -> standIns(metadata, nodeId, key).isEmpty();
      case FAILED, DROPPED -> false;
    };
  }

  /**
   * What could do instead of a file, each alone, by the metadata: the same file or the merged one
   * that it went into on another node of the sect that is up, or here the merged one that is
   * complete. The other node must be ready with the shard, and for a merged file have that file:
   * what a node has is known from long ago, what it is ready with from its present process.
   */
  static List<OtherCopies.Copy> standIns(ClusterMetadata metadata, String nodeId, FileKey key) {
    ShardRecord shard = shard(metadata, key);
    MergedFile merged = shard.merged();
    FileManifest manifest = shard.manifest();
    List<OtherCopies.Copy> copies = new ArrayList<>();
    if (merged != null && !key.merged() && shard.isMergeComplete() && shard.isMergedOn(nodeId)) {
      copies.add(copyOfMerged(nodeId, key, merged));
    }
    for (String id : shard.ready()) {
      if (isAnotherOfSect(metadata, nodeId, id)) {
        // By which of the two it reads, that node knows.
        if (merged != null && merged.holders().contains(id)) {
          copies.add(copyOfMerged(id, key, merged));
        }
        if (manifest != null && !key.merged()) {
          copies.add(new OtherCopies.Copy(id, key, manifest.digest()));
        }
      }
    }
    return copies;
  }

  private static OtherCopies.Copy copyOfMerged(String nodeId, FileKey key, MergedFile merged) {
    return new OtherCopies.Copy(nodeId, FileKey.merged(key.id()), merged.manifest().digest());
  }

  /**
   * Whether a file that need not stay here is one of a version that is kept, so that it goes only
   * because others have it or what it was merged to.
   */
  static boolean isForOthersToKeep(ClusterMetadata metadata, FileKey key) {
    VersionRecord version = version(metadata, key.id().table(), key.id().version());
    if (version == null || key.id().shard() >= version.shardCount() || !version.state().isKept()) {
      return false;
    }
    ShardRecord shard = version.shards().get(key.id().shard());
    return !key.merged() || shard.merged() != null;
  }

  /** Whether the metadata has it that a node has a file. */
  static boolean isSaidToBeOn(ClusterMetadata metadata, String nodeId, FileKey key) {
    ShardRecord shard = shard(metadata, key);
    return key.merged() ? shard.isMergedOn(nodeId) : shard.holders().containsKey(nodeId);
  }

  /** What a file of a version that is kept has to be; empty where nobody needs it. */
  static Optional<Digest> digestOf(ClusterMetadata metadata, FileKey key) {
    if (!isKept(metadata, key.id().table(), key.id().version())) {
      return Optional.empty();
    }
    ShardRecord shard = shard(metadata, key);
    MergedFile merged = shard.merged();
    FileManifest manifest =
        !key.merged() ? shard.manifest() : merged == null ? null : merged.manifest();
    return Optional.ofNullable(manifest).map(FileManifest::digest);
  }

  private static ShardRecord shard(ClusterMetadata metadata, FileKey key) {
    VersionRecord version = version(metadata, key.id().table(), key.id().version());
    return version == null || key.id().shard() >= version.shardCount()
        ? ShardRecord.EMPTY
        : version.shards().get(key.id().shard());
  }

  /** Every file that a node has told of. */
  static Set<FileKey> saidToBeOn(ClusterMetadata metadata, String nodeId) {
    Set<FileKey> files = new HashSet<>();
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        for (int number = 0; number < version.shardCount(); number++) {
          ShardFileId id = new ShardFileId(table.name(), version.number(), number);
          ShardRecord shard = version.shards().get(number);
          if (shard.holders().containsKey(nodeId)) {
            files.add(FileKey.own(id));
          }
          if (shard.isMergedOn(nodeId)) {
            files.add(FileKey.merged(id));
          }
        }
      }
    }
    return files;
  }

  /** Whether a node is another one of the own sect and up. */
  private static boolean isAnotherOfSect(ClusterMetadata metadata, String nodeId, String otherId) {
    NodeRecord self = metadata.nodes().get(nodeId);
    NodeRecord other = metadata.nodes().get(otherId);
    return !otherId.equals(nodeId)
        && self != null
        && other != null
        && other.sect().equals(self.sect())
        && other.state() == NodeState.UP;
  }

  private static @Nullable VersionRecord version(
      ClusterMetadata metadata, String table, long version) {
    TableRecord record = metadata.tables().get(table);
    return record == null ? null : record.versions().get(version);
  }
}
