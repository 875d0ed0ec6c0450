package io.featurekv.chaos.soak;

import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.admin.ClusterHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Real servers on the ground of one layout, and a way to administer them from this process. Three
 * servers in two sects unless more are asked for. Thread-safe but for starting and stopping one and
 * the same server.
 */
public final class ChaosCluster implements AutoCloseable {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /** What a shell calls the end by SIGKILL, and what a failpoint ends with. */
  private static final int KILLED = 137;

  /** Other threads of a process that ends may still write some lines. */
  private static final int LAST_LINES = 5;

  private final ProcessCluster processes;
  private final Layout.Ground ground;
  private final ClusterAdmin admin;
  private final Thread cleaning;
  private final Set<Long> expectedEnds = ConcurrentHashMap.newKeySet();
  private final Set<Long> expectedKills = ConcurrentHashMap.newKeySet();
  private final Set<Process> toldOf = ConcurrentHashMap.newKeySet();
  private final Queue<String> unexpectedEnds = new ConcurrentLinkedQueue<>();
  private final Map<String, Long> sessions = new ConcurrentHashMap<>();
  private final Map<String, Long> sessionsAtStart = new ConcurrentHashMap<>();

  private ChaosCluster(
      ProcessCluster processes, Layout.Ground ground, ClusterAdmin admin, Thread cleaning) {
    this.cleaning = cleaning;
    this.processes = processes;
    this.ground = ground;
    this.admin = admin;
  }

  /**
   * Starts one server per sect named, and waits until all are there and healthy.
   *
   * @param settings of every server, before the layout arranges it
   */
  static ChaosCluster start(
      Path directory, Layout layout, Consumer<ServerNode> settings, String... sects)
      throws IOException {
    ProcessCluster processes = new ProcessCluster(directory);
    for (int i = 0; i < sects.length; i++) {
      processes.add(sects[i]);
      settings.accept(processes.node(i));
    }
    Layout.Ground ground = layout.arrange(processes);
    // Ends the servers when this is interrupted; closing twice does no harm.
    Thread cleaning = new Thread(processes::close, "cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    try {
      for (int i = 0; i < sects.length; i++) {
        processes.spawn(i);
        if (i == 0) {
          processes.awaitAnswer(0);
        }
      }
      ClusterAdmin admin =
          ClusterAdmin.connect(
              processes.endpoints().stream().map(Endpoint::parse).toList(), CALL_TIMEOUT);
      ChaosCluster cluster = new ChaosCluster(processes, ground, admin, cleaning);
      cluster.awaitHealthy(ProcessCluster.PATIENCE);
      return cluster;
    } catch (RuntimeException | Error e) {
      processes.close();
      ground.close();
      throw e;
    }
  }

  /** The servers, by index. */
  public List<ServerNode> servers() {
    List<ServerNode> all = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      all.add(processes.node(i));
    }
    return all;
  }

  /** The processes themselves. */
  public ProcessCluster processes() {
    return processes;
  }

  /** What the layout put up. */
  public Layout.Ground ground() {
    return ground;
  }

  /** Reads and changes the metadata, through whichever server answers. */
  public ClusterAdmin admin() {
    return admin;
  }

  /** SIGKILL; returns when the process has ended. */
  public void kill(int index) {
    expectEnd(index);
    processes.kill(index);
  }

  /**
   * The process that a server runs in may end: it is being harmed in a way that may end it. One
   * that has ended before has done so by itself.
   */
  public void expectEnd(int index) {
    if (processes.isAlive(index)) {
      expectedEnds.add(processes.node(index).process().pid());
    }
  }

  /** The process that a server runs in may be killed, by a failpoint; it must not end otherwise. */
  void expectKill(int index) {
    expectedKills.add(processes.node(index).process().pid());
  }

  /** Whether a server was killed, by whomever. */
  boolean wasKilled(int index) {
    return !processes.isAlive(index) && processes.node(index).process().exitValue() == KILLED;
  }

  /** Whether the process of a server has ended and was expected to. */
  boolean mayHaveEnded(int index) {
    long process = processes.node(index).process().pid();
    return !processes.isAlive(index)
        && (expectedEnds.contains(process)
            || (wasKilled(index)
                && (expectedKills.contains(process) || saysThatAFailpointKilledIt(index))));
  }

  /**
   * A server may be at a point just as another one ends there, and end when nobody expects it any
   * more: it says so in its log right before.
   */
  private boolean saysThatAFailpointKilledIt(int index) {
    try {
      List<String> lines = Files.readAllLines(processes.log(index));
      return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()).stream()
          .anyMatch(line -> line.startsWith("failpoint ") && line.endsWith(": KILL"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The harm that {@link #expectEnd} spoke of is over, for all servers. */
  void endExpectations() {
    expectedEnds.clear();
    expectedKills.clear();
  }

  /**
   * Processes that have ended though nothing was done that may end them, those that were started
   * again since included; each is told once.
   */
  List<String> unexpectedEnds() {
    for (int i = 0; i < processes.size(); i++) {
      noteUnexpectedEnd(i);
    }
    List<String> ends = new ArrayList<>();
    for (String end = unexpectedEnds.poll(); end != null; end = unexpectedEnds.poll()) {
      ends.add(end);
    }
    return ends;
  }

  private void noteUnexpectedEnd(int index) {
    ServerNode node = processes.node(index);
    if (!processes.isAlive(index) && !mayHaveEnded(index) && toldOf.add(node.process())) {
      unexpectedEnds.add(
          node.id() + " ended by itself, with exit code " + node.process().exitValue());
    }
  }

  /** Starts a server again; does not wait. */
  public void start(int index) {
    noteUnexpectedEnd(index);
    String id = processes.node(index).id();
    sessionsAtStart.put(id, sessions.getOrDefault(id, 0L));
    processes.spawn(index);
  }

  /** Index of the server that leads the metadata group, as far as it is known at once. */
  public Optional<Integer> leader() {
    String leader;
    try {
      leader = admin.read().leader();
    } catch (FeatureKvException e) {
      return Optional.empty();
    }
    for (int i = 0; i < processes.size(); i++) {
      if (processes.node(i).id().equals(leader)) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Index of a server that does not lead. */
  public int follower() {
    int leader = leader().orElse(0);
    return leader == 0 ? 1 : 0;
  }

  /** Takes all harm away and starts the servers that are down; does not wait. */
  public void heal() throws IOException {
    ground.heal();
    for (int i = 0; i < processes.size(); i++) {
      if (!processes.isAlive(i)) {
        start(i);
      }
    }
  }

  /**
   * Waits until every server has registered since its last start and is up, and every table is
   * served as asked for. A server that a failpoint ends late is started meanwhile.
   *
   * @throws org.awaitility.core.ConditionTimeoutException saying what is still missing
   */
  public void awaitHealthy(Duration patience) {
    await()
        .atMost(patience)
        .ignoreExceptionsInstanceOf(FeatureKvException.class)
        .until(
            () -> {
              startEndedLate();
              return problems();
            },
            List::isEmpty);
  }

  private void startEndedLate() {
    for (int i = 0; i < processes.size(); i++) {
      if (mayHaveEnded(i)) {
        start(i);
      }
    }
  }

  /** Why the cluster is not healthy; empty when it is. */
  public List<String> problems() {
    ClusterAdmin.MetadataView view = admin.read();
    ClusterMetadata metadata = view.metadata();
    List<String> problems = new ArrayList<>(ClusterHealth.clusterReasons(metadata));
    metadata
        .tables()
        .forEach(
            (name, table) ->
                ClusterHealth.reasons(metadata, table)
                    .forEach(reason -> problems.add(name + ": " + reason)));
    if (!view.fresh()) {
      problems.add("no metadata leader can be reached");
    }
    for (int i = 0; i < processes.size(); i++) {
      // What is known of a server otherwise may be what its last process told.
      String id = processes.node(i).id();
      NodeRecord node = metadata.nodes().get(id);
      if (!processes.isAlive(i)) {
        problems.add(id + " does not run");
      } else if (node == null || node.session() <= sessionsAtStart.getOrDefault(id, 0L)) {
        problems.add(id + " has not registered since it was started");
      } else {
        sessions.put(id, node.session());
      }
    }
    return problems;
  }

  /** {@link #problems}, or why they cannot be told. */
  String problemsNow() {
    try {
      return String.join("; ", problems());
    } catch (FeatureKvException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    admin.close();
    processes.close();
    ground.close();
    try {
      Runtime.getRuntime().removeShutdownHook(cleaning);
    } catch (IllegalStateException e) {
      // It is running.
    }
  }
}
