package io.featurekv.cli.bench;

import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The CPU time of all nodes, as they tell it themselves under {@code /metrics}. */
final class ServerCpu {
  private static final String METRIC = "process_cpu_seconds_total";

  private final List<NodeRecord> nodes;

  ServerCpu(Collection<NodeRecord> nodes) {
    this.nodes = nodes.stream().filter(node -> node.state() == NodeState.UP).toList();
  }

  /**
   * What the nodes had used at one time.
   *
   * @param seconds of each node
   * @param unknownBecause why they cannot be known; empty when they are
   */
  record Sight(Map<String, Double> seconds, String unknownBecause) {
    Sight {
      seconds = Map.copyOf(seconds);
    }

    /** Seconds that all nodes together have used since another look; NaN where not known. */
    double since(Sight before) {
      if (!unknownBecause(before).isEmpty()) {
        return Double.NaN;
      }
      return seconds.entrySet().stream()
          .mapToDouble(
              entry -> entry.getValue() - before.seconds().getOrDefault(entry.getKey(), 0.0))
          .sum();
    }

    /** Why {@link #since} is not known, empty when it is. */
    String unknownBecause(Sight before) {
      if (!before.unknownBecause().isEmpty()) {
        return before.unknownBecause();
      }
      if (!unknownBecause.isEmpty()) {
        return unknownBecause;
      }
      boolean isRestarted =
          seconds.entrySet().stream()
              .anyMatch(
                  entry -> entry.getValue() < before.seconds().getOrDefault(entry.getKey(), 0.0));
      return isRestarted ? "a node was restarted" : "";
    }
  }

  /** Asks every node. */
  Sight look() {
    Map<String, Double> seconds = new TreeMap<>();
    for (NodeRecord node : nodes) {
      if (node.httpListen().isEmpty()) {
        return new Sight(Map.of(), "node " + node.id() + " has no HTTP port");
      }
      try {
        seconds.put(node.id(), ask(node.httpListen()));
      } catch (IOException e) {
        return new Sight(
            Map.of(),
            "node " + node.id() + ": http://" + node.httpListen() + "/metrics: " + e.getMessage());
      }
    }
    return new Sight(seconds, "");
  }

  private static double ask(String address) throws IOException {
    double seconds = MetricsPage.of(address).get(METRIC);
    if (Double.isNaN(seconds)) {
      throw new IOException("no " + METRIC);
    }
    return seconds;
  }
}
