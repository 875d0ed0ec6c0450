package io.featurekv.node.control;

import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.TrialCounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the nodes tell of the trials that go on. Every voter keeps one, so that a new leader has it
 * at once. Thread-safe.
 *
 * <p>A process counts from nothing; what the processes before it on the same node had told stays.
 * Bounded: of each node the last {@link #MAX_PROCESSES} processes, with {@link
 * Heartbeat#MAX_TRIALS} trials each.
 */
public final class TrialReports {
  private static final int MAX_PROCESSES = 8;

  private final Map<String, OfNode> byNode = new ConcurrentHashMap<>();

  /** The newest report of each process of a node; {@code latest} is the one that runs. */
  private record OfNode(long latest, Map<Long, List<TrialCounts>> byProcess) {}

  /** A heartbeat of any node, this one's own too. */
  public void heard(Heartbeat beat) {
    byNode.compute(
        beat.nodeId(),
        (_, known) -> {
          Map<Long, List<TrialCounts>> processes = new LinkedHashMap<>();
          if (known != null) {
            processes.putAll(known.byProcess());
          }
          processes.remove(beat.process());
          while (processes.size() >= MAX_PROCESSES) {
            processes.remove(processes.keySet().iterator().next());
          }
          processes.put(beat.process(), beat.trials());
          return new OfNode(beat.process(), processes);
        });
  }

  /** What is known of the trial of a version. */
  CanaryEvidence of(ClusterMetadata metadata, String table, long version) {
    CanaryCounts sum = CanaryCounts.NONE;
    for (OfNode node : byNode.values()) {
      for (List<TrialCounts> trials : node.byProcess().values()) {
        for (TrialCounts trial : trials) {
          if (isOf(trial, table, version)) {
            sum = sum.plus(trial.counts());
          }
        }
      }
    }
    boolean isWhole =
        metadata.nodes().values().stream()
            .filter(node -> node.serves() && node.state() == NodeState.UP)
            .allMatch(node -> hasTold(node, table, version));
    return new CanaryEvidence(sum, isWhole);
  }

  private boolean hasTold(NodeRecord node, String table, long version) {
    OfNode known = byNode.get(node.id());
    return known != null
        && known.byProcess().getOrDefault(known.latest(), List.of()).stream()
            .anyMatch(trial -> isOf(trial, table, version));
  }

  private static boolean isOf(TrialCounts trial, String table, long version) {
    return trial.version() == version && trial.table().equals(table);
  }
}
