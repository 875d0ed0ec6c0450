package io.featurekv.cli.bench;

import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a load took of machines.
 *
 * @param client this process
 * @param nodes by id; empty where they cannot be known
 * @param nodesUnknownBecause empty when they are known
 * @param stageCpuSeconds of this process, by the name of the stage that was last heard of
 * @param nodesStageCpuSeconds the same of all nodes together; empty where they cannot be known
 */
record LoadCost(
    Share client,
    Map<String, Share> nodes,
    String nodesUnknownBecause,
    Map<String, Double> stageCpuSeconds,
    Map<String, Double> nodesStageCpuSeconds) {
  LoadCost {
    nodes = Map.copyOf(nodes);
    stageCpuSeconds = Map.copyOf(stageCpuSeconds);
    nodesStageCpuSeconds = Map.copyOf(nodesStageCpuSeconds);
  }

  /** What one process took; NaN where that is not known. */
  record Share(double cpuSeconds, double writtenBytes, MemoryPeak memory) {}

  /** CPU of all nodes. */
  double nodesCpuSeconds() {
    return sum(Share::cpuSeconds);
  }

  /** What all nodes wrote. */
  double nodesWrittenBytes() {
    return sum(Share::writtenBytes);
  }

  private double sum(ToDoubleFunction<Share> figure) {
    return nodes.isEmpty() ? Double.NaN : nodes.values().stream().mapToDouble(figure).sum();
  }

  /** The memory of the node that held most. */
  double nodePeakBytes() {
    return nodes.values().stream()
        .mapToDouble(share -> share.memory().bytes())
        .max()
        .orElse(Double.NaN);
  }
}
