package io.featurekv.client;

import io.featurekv.model.Endpoint;
import io.featurekv.model.KeyHash;
import io.featurekv.model.RowColumn;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingCanary;
import io.featurekv.protocol.message.RoutingColumn;
import io.featurekv.protocol.message.RoutingNode;
import io.featurekv.protocol.message.RoutingShard;
import io.featurekv.protocol.message.RoutingTable;
import io.featurekv.protocol.message.RoutingVersion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A cluster of {@link FakeNode}s that speak the real protocol over loopback. Values name the table,
 * the version and the key, so that every answer checks itself. A key that starts with {@code -} has
 * no entry, and one that starts with {@code v} has one in even versions only.
 */
final class FakeCluster implements AutoCloseable {
  /** What the routing says of the time. */
  static final long READ_TIME_MILLIS = 4_000_000_000_000L;

  final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<FakeNode> nodes = new ArrayList<>();
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private String clusterId;
  private long metadataIndex = 100;

  private static final class Table {
    long active;
    long canary;
    String canarySect = "";
    final TreeMap<Long, Integer> shards = new TreeMap<>();
    final List<String> keys = new ArrayList<>();
  }

  FakeCluster(String clusterId) {
    this.clusterId = clusterId;
  }

  /** One node for each sect that is named, a, b, a, ... */
  static FakeCluster of(String... sects) {
    FakeCluster cluster = new FakeCluster("cluster-1");
    for (String sect : sects) {
      cluster.addNode(sect);
    }
    return cluster;
  }

  synchronized FakeNode addNode(String sect) {
    FakeNode node = new FakeNode(this, "n" + nodes.size(), sect);
    nodes.add(node);
    return node;
  }

  FakeNode node(int index) {
    return nodes.get(index);
  }

  List<FakeNode> nodes() {
    return nodes;
  }

  synchronized String clusterId() {
    return clusterId;
  }

  synchronized void setClusterId(String id) {
    clusterId = id;
  }

  synchronized long metadataIndex() {
    return metadataIndex;
  }

  List<Endpoint> endpoints() {
    return nodes.stream().map(FakeNode::endpoint).toList();
  }

  ClientConfig config() {
    return ClientConfig.of(endpoints());
  }

  /** Creates a table without telling anybody: {@link #publish} does. */
  synchronized FakeCluster table(String name, String... keys) {
    tables.computeIfAbsent(name, unused -> new Table()).keys.addAll(List.of(keys));
    return this;
  }

  synchronized FakeCluster version(String table, long version, int shards) {
    tables.get(table).shards.put(version, shards);
    return this;
  }

  synchronized FakeCluster activate(String table, long version) {
    tables.get(table).active = version;
    return canary(table, 0, "");
  }

  /** A version that one sect shows instead of the active one; 0: none. */
  synchronized FakeCluster canary(String table, long version, String sect) {
    tables.get(table).canary = version;
    tables.get(table).canarySect = sect;
    return this;
  }

  synchronized FakeCluster drop(String table, long version) {
    tables.get(table).shards.remove(version);
    return this;
  }

  /** Raises the metadata index and tells every watcher of nodes that follow. */
  FakeCluster publish() {
    Routing routing;
    synchronized (this) {
      metadataIndex++;
      routing = routing();
    }
    for (FakeNode node : List.copyOf(nodes)) {
      node.follow(routing);
    }
    return this;
  }

  synchronized Routing routing() {
    Routing.Builder routing =
        Routing.newBuilder()
            .setClusterId(clusterId)
            .setMetadataIndex(metadataIndex)
            .setReadTimeMillis(READ_TIME_MILLIS);
    for (FakeNode node : nodes) {
      routing.addNodes(
          RoutingNode.newBuilder()
              .setId(node.id())
              .setSect(node.sect())
              .setListen(node.endpoint().toString())
              .setUp(true));
    }
    tables.forEach(
        (name, table) -> {
          RoutingTable.Builder built =
              RoutingTable.newBuilder().setName(name).setKind("mem").setActiveVersion(table.active);
          if (table.canary != 0) {
            built.setCanary(
                RoutingCanary.newBuilder().setVersion(table.canary).setSect(table.canarySect));
          }
          table.shards.forEach(
              (version, shards) -> {
                RoutingVersion.Builder builtVersion =
                    RoutingVersion.newBuilder().setVersion(version);
                for (int shard = 0; shard < shards; shard++) {
                  builtVersion.addShards(
                      RoutingShard.newBuilder().addAllNodes(holders(shard)).build());
                }
                built.addVersions(builtVersion);
              });
          for (RowColumn column : FakeRows.columnsOf(name)) {
            RoutingColumn.Builder builtColumn =
                RoutingColumn.newBuilder()
                    .setName(column.name())
                    .setType(column.type().word())
                    .setNullable(column.nullable());
            if (column.defaultText() != null) {
              builtColumn.setDefaultText(column.defaultText());
            }
            built.addColumns(builtColumn);
          }
          routing.addTables(built);
        });
    return routing.build();
  }

  /** In every sect the shards go to its nodes in turn; one node of a sect has a shard. */
  private List<Integer> holders(int shard) {
    Map<String, List<Integer>> bySect = new LinkedHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      bySect.computeIfAbsent(nodes.get(i).sect(), sect -> new ArrayList<>()).add(i);
    }
    List<Integer> holders = new ArrayList<>();
    bySect.values().forEach(sect -> holders.add(sect.get(shard % sect.size())));
    return holders;
  }

  synchronized long activeVersion(String table) {
    Table known = tables.get(table);
    return known == null ? 0 : known.active;
  }

  synchronized boolean hasTable(String table) {
    return tables.containsKey(table);
  }

  synchronized boolean hasVersion(String table, long version) {
    Table known = tables.get(table);
    return known != null && known.shards.containsKey(version);
  }

  /** The keys of one shard, in order. */
  synchronized List<String> keysOf(String table, long version, int shard) {
    Table known = tables.get(table);
    int shards = known.shards.get(version);
    return known.keys.stream()
        .filter(
            key ->
                KeyHash.shardOf(KeyHash.of(key.getBytes(StandardCharsets.UTF_8)), shards) == shard)
        .sorted()
        .toList();
  }

  /** The value of a key, or null when it has none. */
  static String value(String table, long version, String key) {
    boolean absent = key.startsWith("-") || (key.startsWith("v") && version % 2 == 1);
    return absent ? null : table + "/" + version + "/" + key;
  }

  @Override
  public void close() {
    nodes.forEach(FakeNode::kill);
    loops.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
