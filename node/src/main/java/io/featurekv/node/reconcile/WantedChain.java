package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.ShardFileSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A shard of a version that a node should have open: its files, newest first.
 *
 * @param activates whether it belongs to the active version; those come first
 */
record WantedChain(Key key, boolean activates, List<WantedFile> files) {
  /** Which chain. */
  record Key(String table, long version, int shard) {}

  /** A file of a chain, and who has it. */
  record WantedFile(ShardFileSpec spec, FileManifest manifest, List<String> holders) {
    ShardFileId id() {
      return spec.id();
    }
  }

  WantedChain {
    files = List.copyOf(files);
  }

  /** Every chain that the placement gives to a node, the active versions first, then the newest. */
  static List<WantedChain> of(ClusterMetadata metadata, String nodeId) {
    NodeRecord self = metadata.nodes().get(nodeId);
    List<WantedChain> wanted = new ArrayList<>();
    if (self == null || !self.serves()) {
      return wanted;
    }
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        if (version.state().isKept()) {
          addChains(metadata, self, table, version, wanted);
        }
      }
    }
    wanted.sort(
        Comparator.comparing((WantedChain chain) -> !chain.activates())
            .thenComparingLong(chain -> -chain.key().version()));
    return wanted;
  }

  private static void addChains(
      ClusterMetadata metadata,
      NodeRecord self,
      TableRecord table,
      VersionRecord version,
      List<WantedChain> wanted) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      Optional<NodeRecord> placed = Placement.nodeFor(metadata, self.sect(), table.name(), shard);
      boolean isMine = placed.isPresent() && placed.get().id().equals(self.id());
      if (isMine || isStandIn(metadata, self, version, shard)) {
        chain(table, version, shard).ifPresent(wanted::add);
      }
    }
  }

  /**
   * A node that has the shard open keeps it until another one of its sect has it, so that moving a
   * shard leaves no gap.
   */
  private static boolean isStandIn(
      ClusterMetadata metadata, NodeRecord self, VersionRecord version, int shard) {
    var ready = version.shards().get(shard).ready();
    return ready.contains(self.id())
        && ready.stream()
            .filter(id -> !id.equals(self.id()))
            .map(metadata.nodes()::get)
            .noneMatch(
                node ->
                    node != null
                        && node.sect().equals(self.sect())
                        && node.state() == io.featurekv.metadata.NodeState.UP);
  }

  /**
   * The files of a shard of a version, following its parents; empty when one of them is not there
   * to be had.
   */
  static Optional<WantedChain> chain(TableRecord table, VersionRecord version, int shard) {
    List<WantedFile> files = new ArrayList<>();
    VersionRecord at = version;
    while (true) {
      if (shard >= at.shardCount()) {
        return Optional.empty();
      }
      ShardRecord record = at.shards().get(shard);
      FileManifest manifest = record.manifest();
      if (manifest == null) {
        return Optional.empty();
      }
      files.add(
          new WantedFile(
              spec(table.name(), table.kind(), at, shard),
              manifest,
              List.copyOf(record.holders().keySet())));
      if (at.parent() == 0) {
        break;
      }
      @Nullable VersionRecord parent = table.versions().get(at.parent());
      if (parent == null) {
        return Optional.empty();
      }
      at = parent;
    }
    boolean activates =
        version.state() == VersionState.ACTIVE || version.number() == table.activeVersion();
    return Optional.of(
        new WantedChain(new Key(table.name(), version.number(), shard), activates, files));
  }

  private static ShardFileSpec spec(
      String table, TableKind kind, VersionRecord version, int shard) {
    UpdateMode mode = version.mode();
    return new ShardFileSpec(
        new ShardFileId(table, version.number(), shard), version.shardCount(), kind, mode);
  }
}
