package io.featurekv.node.resp;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What INFO, HELLO and DBSIZE tell of this node. Any thread. */
final class ServerInfo {
  /** The release of Redis whose commands and wording are followed; clients go by it. */
  static final String REDIS_VERSION = "7.0.0";

  private static final int MILLIS_PER_SECOND = 1000;

  private final String nodeId;
  private final int port;
  private final RespDatabases databases;
  private final Supplier<ClusterMetadata> metadata;
  private final RespCounts counts;
  private final IntSupplier connections;
  private final LongSupplier bytesInFlight;

  ServerInfo(
      String nodeId,
      int port,
      RespDatabases databases,
      Supplier<ClusterMetadata> metadata,
      RespCounts counts,
      IntSupplier connections,
      LongSupplier bytesInFlight) {
    this.nodeId = nodeId;
    this.port = port;
    this.databases = databases;
    this.metadata = metadata;
    this.counts = counts;
    this.connections = connections;
    this.bytesInFlight = bytesInFlight;
  }

  int connections() {
    return connections.getAsInt();
  }

  /**
   * How many keys a table's active version has; where it is incremental, an estimate: a key that an
   * increment has written again counts again.
   *
   * @param name null: all tables
   */
  long keys(@Nullable String name) {
    long keys = 0;
    for (TableRecord table : metadata.get().tables().values()) {
      if (name == null || table.name().equals(name)) {
        keys += keysOf(table);
      }
    }
    return keys;
  }

  private static long keysOf(TableRecord table) {
    VersionRecord active = table.active();
    long keys = 0;
    if (active != null) {
      for (VersionRecord version : table.chain(active)) {
        keys += version.entries() - version.tombstones();
      }
    }
    return Math.max(0, keys);
  }

  /** The text of INFO, of these sections; empty: of all. */
  String text(List<String> wanted) {
    List<String> sections = new ArrayList<>();
    sections()
        .forEach(
            (name, lines) -> {
              if (wanted.isEmpty() || wanted.contains(name.toLowerCase(Locale.ROOT))) {
                sections.add("# " + name + "\r\n" + lines);
              }
            });
    return String.join("\r\n", sections);
  }

  private Map<String, String> sections() {
    Map<String, String> sections = new LinkedHashMap<>();
    Runtime memory = Runtime.getRuntime();
    long upSeconds = ManagementFactory.getRuntimeMXBean().getUptime() / MILLIS_PER_SECOND;
    sections.put(
        "Server",
        lines(
            "redis_version:" + REDIS_VERSION,
            "server_name:featurekv",
            "redis_mode:standalone",
            "os:" + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
            "arch_bits:64",
            "process_id:" + ProcessHandle.current().pid(),
            "run_id:" + nodeId,
            "tcp_port:" + port,
            "uptime_in_seconds:" + upSeconds,
            "uptime_in_days:" + upSeconds / 86_400));
    sections.put(
        "Clients",
        lines(
            "connected_clients:" + connections(),
            "maxclients:" + RespConnection.MAX_CONNECTIONS,
            "blocked_clients:0"));
    sections.put(
        "Memory",
        lines(
            "used_memory:" + (memory.totalMemory() - memory.freeMemory()),
            "maxmemory:" + memory.maxMemory(),
            "maxmemory_policy:noeviction",
            "reads_in_flight_bytes:" + bytesInFlight.getAsLong()));
    sections.put("Persistence", lines("loading:0"));
    sections.put(
        "Stats",
        lines(
            "total_connections_received:" + counts.connections.sum(),
            "total_commands_processed:" + counts.commands.sum(),
            "rejected_connections:" + counts.connectionsRefused.sum(),
            "keyspace_hits:" + counts.hits.sum(),
            "keyspace_misses:" + counts.misses.sum(),
            "total_error_replies:" + counts.errors.sum()));
    sections.put(
        "Replication",
        lines("role:slave", "master_link_status:up", "slave_read_only:1", "connected_slaves:0"));
    sections.put("Cluster", lines("cluster_enabled:0"));
    sections.put("Tables", tables());
    sections.put("Keyspace", keyspace());
    return sections;
  }

  private String tables() {
    StringBuilder text = new StringBuilder();
    for (TableRecord table : metadata.get().tables().values()) {
      text.append(
              "table_%s:kind=%s,version=%d,keys=%d"
                  .formatted(
                      table.name(), table.kind().word(), table.activeVersion(), keysOf(table)))
          .append("\r\n");
    }
    return text.toString();
  }

  private String keyspace() {
    SortedMap<Integer, String> lines = new TreeMap<>();
    long all = keys(databases.table(0));
    if (all > 0) {
      lines.put(0, keyspaceLine(0, all));
    }
    databases
        .tables()
        .forEach((database, table) -> lines.put(database, keyspaceLine(database, keys(table))));
    return String.join("", lines.values());
  }

  private static String keyspaceLine(int database, long keys) {
    return "db" + database + ":keys=" + keys + ",expires=0,avg_ttl=0\r\n";
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }
}
