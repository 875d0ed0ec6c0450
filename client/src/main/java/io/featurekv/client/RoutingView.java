package io.featurekv.client;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowType;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingColumn;
import io.featurekv.protocol.message.RoutingNode;
import io.featurekv.protocol.message.RoutingShard;
import io.featurekv.protocol.message.RoutingTable;
import io.featurekv.protocol.message.RoutingVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A ROUTING message, checked and indexed. Immutable.
 *
 * @param clusterId the cluster that it describes
 * @param metadataIndex how new it is
 * @param nodes every node
 * @param tables every table, by name
 */
record RoutingView(
    String clusterId, long metadataIndex, List<Node> nodes, Map<String, Table> tables) {

  /** A node; {@code endpoint} is null while its address is not known. */
  record Node(String id, String sect, @Nullable Endpoint endpoint, boolean up) {}

  /**
   * A table.
   *
   * @param activeVersion 0 while there is none
   * @param canary the version on trial; null: none
   */
  record Table(
      String name,
      String kind,
      long activeVersion,
      NavigableMap<Long, Version> versions,
      List<RowColumn> columns,
      @Nullable Canary canary) {}

  /** A version that reads in one sect see instead of the active one. */
  record Canary(long version, String sect) {}

  /**
   * The holders that are up in one sect.
   *
   * @param name the sect
   * @param holderOf for each shard the index of the sect's preferred holder that is up; -1: none is
   * @param nodes the indexes that are in {@code holderOf}, each once
   * @param whole whether every shard has a holder here
   */
  record Sect(String name, int[] holderOf, int[] nodes, boolean whole) {}

  /** A version that can be read. Belongs to one view: its indexes are of that view's nodes. */
  static final class Version {
    private final long number;
    private final List<int[]> holders;
    private volatile @Nullable List<Sect> sects;

    /** For each shard, indexes into the view's nodes. */
    Version(long number, List<int[]> holders) {
      this.number = number;
      this.holders = holders;
    }

    long number() {
      return number;
    }

    List<int[]> holders() {
      return holders;
    }

    int shards() {
      return holders.size();
    }

    /** The sects by name, each with who is asked there; worked out once. */
    List<Sect> sects(List<Node> nodes) {
      List<Sect> known = sects;
      if (known == null) {
        sects = known = sectsOf(nodes);
      }
      return known;
    }

    private List<Sect> sectsOf(List<Node> nodes) {
      Map<String, int[]> holderOf = new TreeMap<>();
      for (int shard = 0; shard < shards(); shard++) {
        for (int index : holders.get(shard)) {
          Node node = nodes.get(index);
          if (node.up() && node.endpoint() != null) {
            int[] ofSect = holderOf.computeIfAbsent(node.sect(), sect -> noHolders());
            ofSect[shard] = ofSect[shard] < 0 ? index : ofSect[shard];
          }
        }
      }
      List<Sect> found = new ArrayList<>();
      holderOf.forEach(
          (name, ofShard) ->
              found.add(
                  new Sect(
                      name,
                      ofShard,
                      Arrays.stream(ofShard).filter(node -> node >= 0).distinct().toArray(),
                      Arrays.stream(ofShard).allMatch(node -> node >= 0))));
      return List.copyOf(found);
    }

    private int[] noHolders() {
      int[] none = new int[shards()];
      Arrays.fill(none, -1);
      return none;
    }
  }

  /**
   * Checks and indexes a message.
   *
   * @throws FeatureKvException PROTOCOL when it contradicts itself
   */
  static RoutingView of(Routing message) {
    if (message.getClusterId().isEmpty()) {
      throw broken("it names no cluster");
    }
    List<Node> nodes = new ArrayList<>(message.getNodesCount());
    for (RoutingNode node : message.getNodesList()) {
      nodes.add(new Node(node.getId(), node.getSect(), endpointOf(node), node.getUp()));
    }
    Map<String, Table> tables = new HashMap<>();
    for (RoutingTable table : message.getTablesList()) {
      NavigableMap<Long, Version> versions = new TreeMap<>();
      for (RoutingVersion version : table.getVersionsList()) {
        versions.put(version.getVersion(), versionOf(table.getName(), version, nodes.size()));
      }
      tables.put(
          table.getName(),
          new Table(
              table.getName(),
              table.getKind(),
              table.getActiveVersion(),
              Collections.unmodifiableNavigableMap(versions),
              columnsOf(table),
              table.hasCanary()
                  ? new Canary(table.getCanary().getVersion(), table.getCanary().getSect())
                  : null));
    }
    return new RoutingView(
        message.getClusterId(), message.getMetadataIndex(), List.copyOf(nodes), Map.copyOf(tables));
  }

  /** Without those that only a later release knows how to read. */
  private static List<RowColumn> columnsOf(RoutingTable table) {
    List<RowColumn> columns = new ArrayList<>(table.getColumnsCount());
    for (RoutingColumn column : table.getColumnsList()) {
      RowColumn known = columnOf(column);
      if (known != null) {
        columns.add(known);
      }
    }
    return List.copyOf(columns);
  }

  private static @Nullable RowColumn columnOf(RoutingColumn column) {
    try {
      return new RowColumn(
          column.getName(),
          RowType.ofWord(column.getType()),
          column.getNullable(),
          column.hasDefaultText() ? column.getDefaultText() : null);
    } catch (FeatureKvException e) {
      return null;
    }
  }

  private static @Nullable Endpoint endpointOf(RoutingNode node) {
    if (node.getListen().isEmpty()) {
      return null;
    }
    try {
      return Endpoint.parse(node.getListen());
    } catch (FeatureKvException e) {
      throw broken("node " + node.getId() + ": " + e.getMessage());
    }
  }

  private static Version versionOf(String table, RoutingVersion version, int nodeCount) {
    if (version.getShardsCount() < 1 || version.getShardsCount() > Limits.MAX_SHARDS) {
      throw broken(
          "%s version %d has %d shards"
              .formatted(table, version.getVersion(), version.getShardsCount()));
    }
    List<int[]> holders = new ArrayList<>(version.getShardsCount());
    for (RoutingShard shard : version.getShardsList()) {
      int[] nodes = new int[shard.getNodesCount()];
      for (int i = 0; i < nodes.length; i++) {
        nodes[i] = shard.getNodes(i);
        if (nodes[i] < 0 || nodes[i] >= nodeCount) {
          throw broken("%s refers to node %d of %d".formatted(table, nodes[i], nodeCount));
        }
      }
      holders.add(nodes);
    }
    return new Version(version.getVersion(), List.copyOf(holders));
  }

  private static FeatureKvException broken(String what) {
    return new FeatureKvException(ErrorCode.PROTOCOL, "the routing is broken: " + what);
  }

  /** A version of a table, or null when it cannot be read. */
  @Nullable Version version(String table, long number) {
    Table known = tables.get(table);
    return known == null ? null : known.versions().get(number);
  }

  /** The active version's number; 0 when there is no such table or version. */
  long activeVersion(String table) {
    Table known = tables.get(table);
    return known == null ? 0 : known.activeVersion();
  }

  /** The version of a table that is on trial in a sect; null where there is none to read. */
  @Nullable Version canaryIn(String table, String sect) {
    Table known = tables.get(table);
    Canary canary = known == null ? null : known.canary();
    return known == null || canary == null || !canary.sect().equals(sect)
        ? null
        : known.versions().get(canary.version());
  }

  /** Where the nodes are. */
  List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Node node : nodes) {
      if (node.endpoint() != null) {
        endpoints.add(node.endpoint());
      }
    }
    return endpoints;
  }
}
