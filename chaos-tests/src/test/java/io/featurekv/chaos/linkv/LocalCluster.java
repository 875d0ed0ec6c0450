package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.linkv.LinearizabilityChecker.Limits;
import io.featurekv.chaos.linkv.LinearizabilityChecker.Verdict;
import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.maelstrom.MaelstromNode;
import io.featurekv.metadata.raft.maelstrom.Registers;
import io.featurekv.metadata.raft.maelstrom.VoterRegisters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** Nodes inside this process and a client that does one thing after the other. */
final class LocalCluster implements AutoCloseable {
  static final List<String> NODES = List.of("n0", "n1", "n2");

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long CLIENT_TIMEOUT_MILLIS = 1_000;
  private static final int INIT_TIMEOUT_MILLIS = 60_000;
  private static final int NEVER_A_SNAPSHOT = 1_000_000;
  private static final Limits LIMITS = new Limits(1_000_000, Duration.ofMinutes(1));

  private final Path directory;
  private final Network network = new Network(1, Latency.CONSTANT, 0);
  private final History history = new History();
  private final Map<String, LocalNode> nodes = new TreeMap<>();
  private final LinKvClient client = new LinKvClient("c1", network, history, CLIENT_TIMEOUT_MILLIS);
  private int clients = 1;
  private LocalNode copy;

  /** Nodes that answer from these registers; they are not started yet. */
  LocalCluster(Path directory, Function<MetadataVoter, Registers> toRegisters) {
    this.directory = directory;
    for (String id : NODES) {
      LocalNode node =
          new LocalNode(settings(directory), toRegisters, line -> network.send(id, line));
      nodes.put(id, node);
      network.attach(id, node::deliver);
    }
  }

  private static MaelstromNode.Settings settings(Path directory) {
    return new MaelstromNode.Settings(
        directory,
        Duration.ofMillis(300),
        Duration.ofMillis(600),
        Duration.ofMillis(950),
        NEVER_A_SNAPSHOT);
  }

  /**
   * Plants another node under the same id, which starts and is initialised with the first: one peer
   * talks to the one and hears only that, the other peer to the other. Clients hear the one alone.
   * To be called before any start.
   */
  void runTwice(String id, String onesPeer, String othersPeer) {
    LocalNode one =
        new LocalNode(
            settings(directory),
            VoterRegisters::new,
            line -> sendIf(!line.contains(to(othersPeer)), id, line));
    LocalNode other =
        new LocalNode(
            settings(directory.resolve("copy")),
            VoterRegisters::new,
            line -> sendIf(line.contains(to(othersPeer)), id, line));
    nodes.put(id, one);
    copy = other;
    network.attach(
        id,
        line -> {
          if (!line.contains(from(othersPeer))) {
            one.deliver(line);
          }
          if (!line.contains(from(onesPeer))) {
            other.deliver(line);
          }
        });
    other.start();
  }

  private static String from(String src) {
    return "\"src\":\"" + src + "\"";
  }

  private static String to(String dest) {
    return "\"dest\":\"" + dest + "\"";
  }

  private void sendIf(boolean isHeard, String id, String line) {
    if (isHeard) {
      network.send(id, line);
    }
  }

  Network network() {
    return network;
  }

  /** Where a node keeps its files. */
  Path directory(String node) {
    return directory.resolve(node);
  }

  void start() throws InterruptedException {
    for (String node : NODES) {
      start(node);
    }
  }

  void start(String node) throws InterruptedException {
    nodes.get(node).start();
    LinKvClient nurse = new LinKvClient("c0", network, history, INIT_TIMEOUT_MILLIS);
    assertThat(nurse.init(node, NODES)).as("%s answers init", node).isTrue();
  }

  void kill(String node) {
    nodes.get(node).kill();
  }

  /** The node that leads and knows it. */
  String leader() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> NODES.stream().filter(id -> nodes.get(id).voter().isLeader()).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  static List<String> others(String node) {
    return NODES.stream().filter(other -> !other.equals(node)).toList();
  }

  /** One try. */
  Optional<Effect> invoke(String node, long key, Call call) throws InterruptedException {
    return client.invoke(node, key, call);
  }

  /** One try by another client, while this one goes on. */
  CompletableFuture<Optional<Effect>> invokeMeanwhile(String node, long key, Call call) {
    LinKvClient other = new LinKvClient("c" + ++clients, network, history, CLIENT_TIMEOUT_MILLIS);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return other.invoke(node, key, call);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** Tries until a write was acknowledged. */
  void write(String node, long key, long value) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!invoke(node, key, new Call.Write(value)).equals(Optional.of(new Effect.Done()))) {
      assertThat(System.nanoTime()).as("time to write at %s", node).isLessThan(end);
    }
  }

  /** Tries until a read was answered. */
  long read(String node, long key) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<Effect> effect = invoke(node, key, new Call.Read());
      if (effect.isPresent()) {
        return ((Effect.Saw) effect.get()).value();
      }
      assertThat(System.nanoTime()).as("time to read at %s", node).isLessThan(end);
    }
  }

  /** Reads until a value is seen. */
  void readUntil(String node, long key, long value) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (read(node, key) != value) {
      assertThat(System.nanoTime()).as("time to see %s at %s", value, node).isLessThan(end);
    }
  }

  /** What the checker says of all that was done. */
  Verdict verdict() {
    assertThat(network.violations()).isEmpty();
    history.lines().forEach(System.out::println);
    return LinearizabilityChecker.check(new ArrayList<>(history.operations()), LIMITS);
  }

  @Override
  public void close() {
    if (copy != null) {
      copy.close();
    }
    nodes.values().parallelStream().forEach(LocalNode::close);
    network.close();
  }
}
