package io.featurekv.cli.bench;

import io.featurekv.loader.BuildProgress;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.node.http.ProcessFigures;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Watches what a load takes of this process and of the nodes, from its making to {@link #cost}.
 * Passes progress on. Memory is looked at now and then, so that a short peak may be missed.
 */
final class LoadWatch implements BuildProgress, AutoCloseable {
  private static final long OWN_PERIOD_MILLIS = 50;

  /** Nodes are asked over HTTP, which costs them something. */
  private static final int OWN_LOOKS_PER_NODE_LOOK = 10;

  /** How long a look that has begun may take to end. */
  private static final long LAST_LOOK_SECONDS = 10;

  private static final String CPU = "process_cpu_seconds_total";
  private static final String WRITTEN = "process_written_bytes_total";
  private static final String MEMORY = "process_resident_anon_bytes";

  /** What a node may hold: all of its heap, its builds, and the tables that it has open. */
  private static final List<String> MEMORY_BOUND =
      List.of(
          "process_heap_max_bytes", "featurekv_build_memory_bytes", "featurekv_table_memory_bytes");

  private final BuildProgress display;
  private final List<NodeRecord> nodes;

  /** What comes after {@link #cost} is not looked at any more. */
  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(
          1,
          Thread.ofPlatform().name("load-watch").daemon().factory(),
          new ThreadPoolExecutor.DiscardPolicy());

  private final Object lock = new Object();
  private final Map<String, MetricsPage> nodesBefore = new HashMap<>();
  private final Map<String, MetricsPage> nodesNow = new HashMap<>();
  private final Map<String, MemoryPeak> nodePeaks = new HashMap<>();
  private final Map<String, Double> stageCpuSeconds = new HashMap<>();
  private final Map<String, Double> nodesStageCpuSeconds = new HashMap<>();
  private final String unknownBefore;
  private final double cpuBefore;
  private final double writtenBefore;
  private final double boundBytes;
  private MemoryPeak peak = MemoryPeak.UNKNOWN;
  private double stageCpuBefore;
  private double nodesStageCpuBefore;
  private volatile String stage = "";
  private int looks;

  private LoadWatch(BuildProgress display, List<NodeRecord> nodes, long boundBytes) {
    this.display = display;
    this.nodes = nodes;
    this.boundBytes = (double) boundBytes;
    this.unknownBefore = askNodes();
    nodesBefore.putAll(nodesNow);
    this.cpuBefore = ProcessFigures.cpuSeconds();
    this.writtenBefore = ProcessFigures.writtenBytes();
    this.stageCpuBefore = cpuBefore;
    this.nodesStageCpuBefore = nodesCpu();
    lookAtOwnMemory();
  }

  /**
   * Begins to watch this process and those of the nodes that are up.
   *
   * @param boundBytes on the memory of this process
   */
  static LoadWatch start(BuildProgress display, Collection<NodeRecord> nodes, long boundBytes) {
    LoadWatch watch =
        new LoadWatch(
            display,
            nodes.stream().filter(node -> node.state() == NodeState.UP).toList(),
            boundBytes);
    watch.timer.scheduleWithFixedDelay(
        watch::look, OWN_PERIOD_MILLIS, OWN_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    return watch;
  }

  private void look() {
    lookAtOwnMemory();
    if (++looks % OWN_LOOKS_PER_NODE_LOOK == 0) {
      // One that does not answer just now is asked again; what counts is the last answer.
      var _ = askNodes();
    }
  }

  private void lookAtOwnMemory() {
    double bytes = ProcessFigures.residentAnonBytes();
    synchronized (lock) {
      peak = peak.seen(bytes, boundBytes);
    }
  }

  /** Returns why a node could not be asked, empty when all were. */
  private String askNodes() {
    for (NodeRecord node : nodes) {
      if (node.httpListen().isEmpty()) {
        return "node " + node.id() + " has no HTTP port";
      }
      try {
        MetricsPage page = MetricsPage.of(node.httpListen());
        synchronized (lock) {
          nodesNow.put(node.id(), page);
          nodePeaks.put(
              node.id(),
              nodePeaks
                  .getOrDefault(node.id(), MemoryPeak.UNKNOWN)
                  .seen(page.get(MEMORY), MEMORY_BOUND.stream().mapToDouble(page::get).sum()));
        }
      } catch (IOException e) {
        return "node "
            + node.id()
            + ": http://"
            + node.httpListen()
            + "/metrics: "
            + e.getMessage();
      }
    }
    return "";
  }

  @Override
  public void update(String newStage, long done, long total) {
    if (!newStage.equals(stage)) {
      begin(newStage);
    }
    display.update(newStage, done, total);
  }

  private void begin(String newStage) {
    synchronized (lock) {
      String ended = stage;
      if (!newStage.equals(ended)) {
        endStage();
        stage = newStage;
        // Nodes are not waited for: what they take until they answer counts for what has ended.
        timer.execute(
            () -> {
              var _ = endStageOfNodes(ended);
            });
      }
    }
  }

  private void endStage() {
    double now = ProcessFigures.cpuSeconds();
    stageCpuSeconds.merge(stage, now - stageCpuBefore, Double::sum);
    stageCpuBefore = now;
  }

  /** Returns why a node could not be asked, empty when all were. */
  private String endStageOfNodes(String ended) {
    String unknown = askNodes();
    synchronized (lock) {
      double now = nodesCpu();
      nodesStageCpuSeconds.merge(ended, now - nodesStageCpuBefore, Double::sum);
      nodesStageCpuBefore = now;
    }
    return unknown;
  }

  /** Of all nodes, as they told it last. */
  private double nodesCpu() {
    return nodesNow.values().stream().mapToDouble(page -> page.get(CPU)).sum();
  }

  @Override
  public void note(String text) {
    display.note(text);
  }

  @Override
  public void bytes(long done, long total) {
    display.bytes(done, total);
  }

  @Override
  public boolean isCancelled() {
    return display.isCancelled();
  }

  /** What was taken until now. Ends the watch. */
  LoadCost cost() {
    awaitTimer();
    double cpu = ProcessFigures.cpuSeconds() - cpuBefore;
    double written = ProcessFigures.writtenBytes() - writtenBefore;
    String unknownNow = endStageOfNodes(stage);
    String unknown = unknownBefore.isEmpty() ? unknownNow : unknownBefore;
    lookAtOwnMemory();
    synchronized (lock) {
      endStage();
      Map<String, LoadCost.Share> shares = new HashMap<>();
      if (unknown.isEmpty()) {
        nodesNow.forEach((id, page) -> shares.put(id, share(id, page)));
        if (shares.values().stream().anyMatch(share -> share.cpuSeconds() < 0)) {
          unknown = "a node was restarted";
          shares.clear();
        }
      }
      return new LoadCost(
          new LoadCost.Share(cpu, written, peak),
          shares,
          unknown,
          stageCpuSeconds,
          unknown.isEmpty() ? nodesStageCpuSeconds : Map.of());
    }
  }

  private LoadCost.Share share(String id, MetricsPage page) {
    MetricsPage before = nodesBefore.getOrDefault(id, new MetricsPage(Map.of()));
    return new LoadCost.Share(
        page.get(CPU) - before.get(CPU),
        page.get(WRITTEN) - before.get(WRITTEN),
        nodePeaks.getOrDefault(id, MemoryPeak.UNKNOWN));
  }

  /** Lets a look that has begun end. */
  private void awaitTimer() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(LAST_LOOK_SECONDS, TimeUnit.SECONDS)) {
        timer.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
