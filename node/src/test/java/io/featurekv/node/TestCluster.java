package io.featurekv.node;

import static org.awaitility.Awaitility.await;

import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.InputSpec;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.Endpoint;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.build.BuildSettings;
import io.featurekv.node.build.BuildStages;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import io.featurekv.node.merging.ChainMerge;
import io.featurekv.node.merging.MergeSettings;
import io.featurekv.node.resp.RespConfig;
import io.featurekv.node.server.IoTransport;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Nodes in this process, on loopback, with their data below one directory. */
final class TestCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final ChainMerge merge;
  private final MergeSettings mergeSettings;
  private IntFunction<? extends BuildStages> stages = node -> BuildStages.REAL;
  private final List<NodeConfig> configs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private @Nullable RespConfig resp;
  private ClusterAdmin admin;

  private TestCluster(Path directory, ChainMerge merge, MergeSettings mergeSettings) {
    this.directory = directory;
    this.merge = merge;
    this.mergeSettings = mergeSettings;
  }

  /** Starts one node per sect named, and waits until all are voters (three at most). */
  static TestCluster start(Path directory, String... sects) {
    return start(directory, ShardFiles::merge, MergeSettings.ofProperties(), sects);
  }

  /** The same, where each node, from 0, does something of its own when the cluster builds. */
  static TestCluster start(
      Path directory, IntFunction<? extends BuildStages> stages, String... sects) {
    TestCluster cluster =
        new TestCluster(directory, ShardFiles::merge, MergeSettings.ofProperties());
    cluster.stages = stages;
    for (String sect : sects) {
      cluster.addNode(sect);
    }
    cluster.awaitVoters(Math.min(3, sects.length));
    return cluster;
  }

  /** The same, with another way to merge chains. */
  static TestCluster start(
      Path directory, ChainMerge merge, MergeSettings mergeSettings, String... sects) {
    TestCluster cluster = new TestCluster(directory, merge, mergeSettings);
    for (String sect : sects) {
      cluster.addNode(sect);
    }
    cluster.awaitVoters(Math.min(3, sects.length));
    return cluster;
  }

  /** Starts one node where clients of Redis may read. */
  static TestCluster startWithResp(Path directory, RespConfig resp) {
    TestCluster cluster =
        new TestCluster(directory, ShardFiles::merge, MergeSettings.ofProperties());
    cluster.resp = resp;
    cluster.addNode("a");
    cluster.awaitVoters(1);
    return cluster;
  }

  void addNode(String sect) {
    int index = nodes.size();
    Path data = directory.resolve("n" + index);
    NodeConfig config =
        new NodeConfig(
            data,
            data.resolve("raft"),
            "n" + index,
            sect,
            EnumSet.allOf(Duty.class),
            3,
            nodes.isEmpty() ? List.of() : List.of(Endpoint.parse(nodes.get(0).listen())),
            new Endpoint("127.0.0.1", freePort()),
            new Endpoint("127.0.0.1", freePort()),
            null,
            resp,
            IoTransport.best(),
            null,
            0.0,
            true,
            new BuildSettings(2, 128L << 20));
    configs.add(config);
    nodes.add(Node.start(config, merge, mergeSettings, stages.apply(index)));
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Node node(int index) {
    return nodes.get(index);
  }

  Path dataOf(int index) {
    return configs.get(index).dataDirectory();
  }

  void stop(int index) {
    nodes.get(index).close();
  }

  void restart(int index) {
    nodes.set(index, Node.start(configs.get(index), merge, mergeSettings, stages.apply(index)));
  }

  List<Endpoint> endpoints() {
    return configs.stream().map(NodeConfig::listen).toList();
  }

  ClusterAdmin admin() {
    if (admin == null) {
      admin = ClusterAdmin.connect(endpoints(), Duration.ofSeconds(20));
    }
    return admin;
  }

  void awaitVoters(int count) {
    admin()
        .await(
            m ->
                m.nodes().values().stream().filter(NodeRecord::voter).count() == count
                    && m.nodes().size() == nodes.size(),
            PATIENCE);
  }

  void awaitState(String nodeId, NodeState state) {
    admin().await(m -> m.nodes().get(nodeId).state() == state, PATIENCE);
  }

  void createTable(String table, TableKind kind, int shards) {
    createTable(table, kind, shards, 3);
  }

  void createTable(String table, TableKind kind, int shards, int retain) {
    admin()
        .propose(
            new Command.CreateTable(
                table,
                kind,
                new TableOptions(shards, retain, 0, 1 << 20, new ActivateWhen.Live())));
  }

  LoadReport load(String table, String input, UpdateMode mode, String... keys) {
    return LoadRunner.run(admin(), request(table, input, mode, "", keys), quiet());
  }

  LoadRequest request(
      String table, String input, UpdateMode mode, String operationId, String... keys) {
    return request(table, input, mode, operationId, Set.of(), keys);
  }

  LoadRequest request(
      String table,
      String input,
      UpdateMode mode,
      String operationId,
      Set<Gate> ignoredGates,
      String... keys) {
    return request(table, input, "auto", mode, operationId, ignoredGates, keys);
  }

  LoadRequest request(
      String table,
      String input,
      String format,
      UpdateMode mode,
      String operationId,
      Set<Gate> ignoredGates,
      String... keys) {
    boolean generated = input.startsWith("generate:");
    InputSpec spec =
        new InputSpec(
            List.of(input),
            format,
            generated ? List.of("key") : List.of(keys),
            ":",
            "utf8",
            generated ? "value" : "",
            "utf8",
            Map.of(),
            "",
            "",
            false);
    return new LoadRequest(
        table,
        spec,
        input,
        mode,
        true,
        0,
        false,
        null,
        ignoredGates.contains(Gate.EMPTY),
        true,
        ignoredGates,
        operationId,
        64L << 20,
        directory.resolve("tmp"),
        PATIENCE);
  }

  static BuildProgress quiet() {
    return (stage, done, total) -> {};
  }

  ClusterMetadata metadata() {
    return admin().read().metadata();
  }

  /**
   * Waits until every serving node that is up has the active version of every table ready where it
   * is placed.
   */
  void awaitHealthy() {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              ClusterMetadata m = metadata();
              return m.nodes().values().stream().allMatch(n -> n.state() == NodeState.UP)
                  && m.tables().values().stream()
                      .allMatch(t -> io.featurekv.node.admin.ClusterHealth.reasons(m, t).isEmpty());
            });
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    nodes.forEach(Node::close);
  }
}
