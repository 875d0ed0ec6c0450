package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.node.serving.ServedTable;
import io.featurekv.node.serving.ServedVersion;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the picture that readers see from the metadata and from what is open here. */
public final class CatalogPicture {
  private CatalogPicture() {}

  /** {@code trials} counts the reads of versions that take part in a trial. */
  public static ServingCatalog.Picture of(
      ClusterMetadata metadata, String nodeId, OpenFiles<?> open, TrialTallies trials) {
    trials.keepOnly(metadata);
    NodeRecord self = metadata.nodes().get(nodeId);
    String sect = self == null ? "" : self.sect();
    Map<String, ServedTable> tables = new HashMap<>();
    for (TableRecord table : metadata.tables().values()) {
      Map<Long, ServedVersion> versions = new HashMap<>();
      for (VersionRecord version : table.versions().values()) {
        ServedVersion served = version(metadata, nodeId, open, trials, table, version);
        if (served != null) {
          versions.put(version.number(), served);
        }
      }
      tables.put(
          table.name(),
          ServedTable.of(table.name(), table.versionIn(sect), versions, table.schema()));
    }
    return new ServingCatalog.Picture(metadata.index(), tables);
  }

  private static @Nullable ServedVersion version(
      ClusterMetadata metadata,
      String nodeId,
      OpenFiles<?> open,
      TrialTallies trials,
      TableRecord table,
      VersionRecord version) {
    boolean readable =
        switch (version.state()) {
          case READY, ACTIVE, RETAINED, ROLLED_BACK, DROPPED -> true;
          case BUILDING, SEALED, LOADING, FAILED -> false;
        };
    if (!readable) {
      return null;
    }
    List<@Nullable ShardChain> chains = new ArrayList<>();
    List<List<String>> elsewhere = new ArrayList<>();
    boolean isAnywhere = version.state() != VersionState.DROPPED;
    for (int shard = 0; shard < version.shardCount(); shard++) {
      ShardChain chain = open.chain(new WantedChain.Key(table.name(), version.number(), shard));
      isAnywhere |= chain != null;
      chains.add(chain);
      elsewhere.add(others(metadata, nodeId, version.shards().get(shard)));
    }
    return isAnywhere
        ? ServedVersion.of(
            version.number(), table.kind(), chains, elsewhere, trials.of(table, version.number()))
        : null;
  }

  /**
   * The other nodes that have a shard ready: those that are up first, those of the own sect first
   * among them.
   */
  private static List<String> others(ClusterMetadata metadata, String nodeId, ShardRecord shard) {
    NodeRecord self = metadata.nodes().get(nodeId);
    return shard.ready().stream()
        .filter(id -> !id.equals(nodeId))
        .map(metadata.nodes()::get)
        .filter(java.util.Objects::nonNull)
        .sorted(
            Comparator.comparing((NodeRecord node) -> node.state() != NodeState.UP)
                .thenComparing(node -> self == null || !node.sect().equals(self.sect()))
                .thenComparing(NodeRecord::id))
        .map(NodeRecord::id)
        .toList();
  }
}
