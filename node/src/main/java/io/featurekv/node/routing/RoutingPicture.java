package io.featurekv.node.routing;

import io.featurekv.metadata.Canary;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.RowColumn;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingCanary;
import io.featurekv.protocol.message.RoutingColumn;
import io.featurekv.protocol.message.RoutingNode;
import io.featurekv.protocol.message.RoutingShard;
import io.featurekv.protocol.message.RoutingTable;
import io.featurekv.protocol.message.RoutingVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The routing that clients get: a pure function of the metadata. */
final class RoutingPicture {
  private RoutingPicture() {}

  /** Routing of the tables named, of all tables when none is. */
  static Routing of(ClusterMetadata metadata, Set<String> tables) {
    Routing.Builder routing =
        Routing.newBuilder().setClusterId(metadata.clusterId()).setMetadataIndex(metadata.index());
    Map<String, Integer> nodeIndex = new HashMap<>();
    for (NodeRecord node : metadata.nodes().values()) {
      nodeIndex.put(node.id(), nodeIndex.size());
      routing.addNodes(
          RoutingNode.newBuilder()
              .setId(node.id())
              .setSect(node.sect())
              .setListen(node.listen())
              .setUp(node.state() == NodeState.UP));
    }
    for (TableRecord table : metadata.tables().values()) {
      if (tables.isEmpty() || tables.contains(table.name())) {
        routing.addTables(table(metadata, nodeIndex, table));
      }
    }
    return routing.build();
  }

  private static RoutingTable table(
      ClusterMetadata metadata, Map<String, Integer> nodeIndex, TableRecord table) {
    RoutingTable.Builder out =
        RoutingTable.newBuilder()
            .setId(table.id())
            .setName(table.name())
            .setKind(table.kind().word())
            .setActiveVersion(table.activeVersion());
    Canary canary = table.canary();
    if (canary != null) {
      out.setCanary(RoutingCanary.newBuilder().setVersion(canary.version()).setSect(canary.sect()));
    }
    if (table.schema() != null) {
      table.schema().columns().forEach(column -> out.addColumns(column(column)));
    }
    for (VersionRecord version : table.versions().values()) {
      if (isReadable(version)) {
        RoutingVersion.Builder entry = RoutingVersion.newBuilder().setVersion(version.number());
        for (int shard = 0; shard < version.shardCount(); shard++) {
          entry.addShards(shard(metadata, nodeIndex, table, version.shards().get(shard), shard));
        }
        out.addVersions(entry);
      }
    }
    return out.build();
  }

  private static RoutingColumn column(RowColumn column) {
    RoutingColumn.Builder out =
        RoutingColumn.newBuilder()
            .setName(column.name())
            .setType(column.type().word())
            .setNullable(column.nullable());
    String defaultText = column.defaultText();
    if (defaultText != null) {
      out.setDefaultText(defaultText);
    }
    return out.build();
  }

  private static boolean isReadable(VersionRecord version) {
    return switch (version.state()) {
      case READY, ACTIVE, RETAINED, ROLLED_BACK -> true;
      // Readers that pinned it finish; the nodes keep it for a little while.
      case DROPPED -> version.shards().stream().noneMatch(shard -> shard.ready().isEmpty());
      case BUILDING, SEALED, LOADING, FAILED -> false;
    };
  }

  private static RoutingShard shard(
      ClusterMetadata metadata,
      Map<String, Integer> nodeIndex,
      TableRecord table,
      ShardRecord record,
      int shard) {
    Set<String> preferred = new HashSet<>();
    Placement.nodesFor(metadata, table.name(), shard).forEach(node -> preferred.add(node.id()));
    List<String> ready = new ArrayList<>(record.ready());
    ready.sort(
        Comparator.comparing((String id) -> !preferred.contains(id))
            .thenComparing(Comparator.naturalOrder()));
    RoutingShard.Builder out = RoutingShard.newBuilder();
    for (String id : ready) {
      Integer index = nodeIndex.get(id);
      if (index != null) {
        out.addNodes(index);
      }
    }
    return out.build();
  }
}
