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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Watches what a load takes of this process and of the nodes, from its making to {@link #cost}.
 * Passes progress on. Memory is looked at now and then, so that a short peak may be missed.
 */
final class LoadWatch implements BuildProgress, AutoCloseable {
  private static final long OWN_PERIOD_MILLIS = 50;

  /** Nodes are asked over HTTP, which costs them something. */
  private static final int OWN_LOOKS_PER_NODE_LOOK = 10;

  private static final String CPU = "process_cpu_seconds_total";
  private static final String WRITTEN = "process_written_bytes_total";
  private static final String MEMORY = "process_resident_anon_bytes";

  private final BuildProgress display;
  private final List<NodeRecord> nodes;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("load-watch").daemon().factory());
  private final Object lock = new Object();
  private final Map<String, MetricsPage> nodesBefore = new HashMap<>();
  private final Map<String, MetricsPage> nodesNow = new HashMap<>();
  private final Map<String, Double> nodePeaks = new HashMap<>();
  private final Map<String, Double> stageCpuSeconds = new HashMap<>();
  private final String unknownBefore;
  private final double cpuBefore;
  private final double writtenBefore;
  private double peakBytes;
  private double stageCpuBefore;
  private volatile String stage = "";
  private int looks;

  private LoadWatch(BuildProgress display, List<NodeRecord> nodes) {
    this.display = display;
    this.nodes = nodes;
    this.unknownBefore = askNodes();
    nodesBefore.putAll(nodesNow);
    this.cpuBefore = ProcessFigures.cpuSeconds();
    this.writtenBefore = ProcessFigures.writtenBytes();
    this.stageCpuBefore = cpuBefore;
    this.peakBytes = ProcessFigures.residentAnonBytes();
  }

  /** Begins to watch this process and those of the nodes that are up. */
  static LoadWatch start(BuildProgress display, Collection<NodeRecord> nodes) {
    LoadWatch watch =
        new LoadWatch(
            display, nodes.stream().filter(node -> node.state() == NodeState.UP).toList());
    watch.timer.scheduleWithFixedDelay(
        watch::look, OWN_PERIOD_MILLIS, OWN_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    return watch;
  }

  private void look() {
    double bytes = ProcessFigures.residentAnonBytes();
    synchronized (lock) {
      peakBytes = Math.max(peakBytes, bytes);
    }
    if (++looks % OWN_LOOKS_PER_NODE_LOOK == 0) {
      // One that does not answer just now is asked again; what counts is the last answer.
      var _ = askNodes();
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
          nodePeaks.merge(node.id(), page.get(MEMORY), Math::max);
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
      synchronized (lock) {
        endStage();
        stage = newStage;
      }
    }
    display.update(newStage, done, total);
  }

  private void endStage() {
    double now = ProcessFigures.cpuSeconds();
    stageCpuSeconds.merge(stage, now - stageCpuBefore, Double::sum);
    stageCpuBefore = now;
  }

  @Override
  public void bytes(long done, long total) {
    display.bytes(done, total);
  }

  @Override
  public boolean isCancelled() {
    return display.isCancelled();
  }

  /** What was taken so far. */
  LoadCost cost() {
    double cpu = ProcessFigures.cpuSeconds() - cpuBefore;
    double written = ProcessFigures.writtenBytes() - writtenBefore;
    String unknown = unknownBefore.isEmpty() ? askNodes() : unknownBefore;
    synchronized (lock) {
      endStage();
      peakBytes = Math.max(peakBytes, ProcessFigures.residentAnonBytes());
      Map<String, LoadCost.Share> shares = new HashMap<>();
      if (unknown.isEmpty()) {
        nodesNow.forEach((id, page) -> shares.put(id, share(id, page)));
        if (shares.values().stream().anyMatch(share -> share.cpuSeconds() < 0)) {
          unknown = "a node was restarted";
          shares.clear();
        }
      }
      return new LoadCost(
          new LoadCost.Share(cpu, written, peakBytes), shares, unknown, stageCpuSeconds);
    }
  }

  private LoadCost.Share share(String id, MetricsPage page) {
    MetricsPage before = nodesBefore.getOrDefault(id, new MetricsPage(Map.of()));
    return new LoadCost.Share(
        page.get(CPU) - before.get(CPU),
        page.get(WRITTEN) - before.get(WRITTEN),
        nodePeaks.getOrDefault(id, Double.NaN));
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
