package io.featurekv.cli.bench;

import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.load.SameMachine;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The disks that a load writes to.
 *
 * @param input null where nothing is written for it
 * @param temporary where this process builds
 * @param nodes that are up
 */
record DiskPlaces(@Nullable Disk input, Disk temporary, List<NodeDisk> nodes) {
  private static final Pattern FREE =
      Pattern.compile("featurekv_free_disk_bytes\\{directory=\"(.*?)\"(?:,disk=\"(.*)\")?\\}");

  DiskPlaces {
    nodes = List.copyOf(nodes);
  }

  /**
   * A node, and what its directory lies on.
   *
   * @param disk null where the node does not tell; it refuses by itself what it has no room for
   */
  record NodeDisk(NodeRecord node, @Nullable Disk disk) {}

  /** Looks at this machine's disks, and asks the nodes for theirs. */
  static DiskPlaces look(LoadPlan plan, Collection<NodeRecord> nodes) {
    return new DiskPlaces(
        input(plan),
        here(plan.tempDirectory()),
        nodes.stream()
            .filter(node -> node.state() == NodeState.UP)
            .map(node -> new NodeDisk(node, ofNode(node)))
            .toList());
  }

  private static @Nullable Disk input(LoadPlan plan) {
    boolean isWritten =
        plan.input().fileBytes() > 0 && !InputSet.isThere(plan.input(), plan.inputDirectory());
    return isWritten ? here(plan.inputDirectory()) : null;
  }

  /** Of a directory of this machine, which may not be there yet. */
  static Disk here(Path directory) {
    try {
      FileStore store = Files.getFileStore(existing(directory));
      return new Disk(store.name() + " (" + store.type() + ")", store.getUsableSpace());
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INTERNAL, directory + ": cannot tell how much is free: " + e.getMessage(), e);
    }
  }

  private static Path existing(Path directory) {
    Path at = directory.toAbsolutePath().normalize();
    for (Path parent = at.getParent(); !Files.exists(at) && parent != null; ) {
      at = parent;
      parent = at.getParent();
    }
    return at;
  }

  private static @Nullable Disk ofNode(NodeRecord node) {
    if (node.httpListen().isEmpty()) {
      return null;
    }
    try {
      String host = Endpoint.parse(node.listen()).host();
      return MetricsPage.of(node.httpListen()).values().entrySet().stream()
          .flatMap(metric -> told(host, metric).stream())
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** A node of this machine shares the disk that its directory is on. */
  static Optional<Disk> told(String host, Map.Entry<String, Double> metric) {
    Matcher free = FREE.matcher(metric.getKey());
    if (!free.matches()) {
      return Optional.empty();
    }
    Path directory = Path.of(free.group(1));
    if (SameMachine.has(host) && Files.isDirectory(directory)) {
      return Optional.of(here(directory));
    }
    String disk = free.group(2) == null ? free.group(1) : free.group(2);
    return Optional.of(new Disk(host + ": " + disk, metric.getValue().longValue()));
  }
}
