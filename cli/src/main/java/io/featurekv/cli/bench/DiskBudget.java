package io.featurekv.cli.bench;

import io.featurekv.cli.terminal.Human;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a load will have on disks at most, besides what is there already: while it builds, the input
 * files, sorted runs and shard files; while it ships, the input files, the shard files, and a copy
 * of them in each sect.
 */
record DiskBudget(List<Need> building, List<Need> shipping) {
  /** What an entry takes in a shard file besides its key and value, at most. */
  private static final int ENTRY_OVERHEAD_BYTES = 24;

  /** The same in a sorted run. */
  private static final int RUN_OVERHEAD_BYTES = 8;

  /** What has to be free besides. */
  static final long MARGIN_BYTES = 1L << 30;

  private static final String FREE = "featurekv_free_disk_bytes{directory=\"";

  DiskBudget {
    building = List.copyOf(building);
    shipping = List.copyOf(shipping);
  }

  /**
   * Something that takes room.
   *
   * @param disk which disk that is, the same word for the same one
   * @param freeBytes of that disk
   */
  record Need(String what, String disk, long freeBytes, long bytes) {}

  /** What writing the input takes. */
  static DiskBudget ofInput(LoadPlan plan) {
    return new DiskBudget(input(plan), List.of());
  }

  private static List<Need> input(LoadPlan plan) {
    List<Need> needs = new ArrayList<>();
    if (!InputSet.isThere(plan.input(), plan.inputDirectory())) {
      addHere(needs, "input files", plan.inputDirectory(), plan.input().fileBytes());
    }
    return needs;
  }

  /** The budget of a load into a cluster with these nodes. */
  static DiskBudget of(LoadPlan plan, Collection<NodeRecord> nodes) {
    long entries = plan.input().entries();
    long runBytes = plan.input().entryBytes() + entries * RUN_OVERHEAD_BYTES;
    long copyBytes = plan.input().entryBytes() + entries * ENTRY_OVERHEAD_BYTES;
    List<Need> building = input(plan);
    addHere(building, "shard files being built", plan.tempDirectory(), copyBytes);
    List<Need> shipping = new ArrayList<>(building);
    addHere(building, "sorted runs", plan.tempDirectory(), runBytes);
    List<NodeRecord> serving =
        nodes.stream().filter(node -> node.serves() && node.state() == NodeState.UP).toList();
    Map<String, Long> perSect =
        serving.stream().collect(Collectors.groupingBy(NodeRecord::sect, Collectors.counting()));
    for (NodeRecord node : serving) {
      addNode(shipping, node, copyBytes / perSect.getOrDefault(node.sect(), 1L));
    }
    return new DiskBudget(building, shipping);
  }

  private static void addHere(List<Need> needs, String what, Path directory, long bytes) {
    if (bytes == 0) {
      return;
    }
    try {
      FileStore store = Files.getFileStore(existing(directory));
      needs.add(new Need(what, disk(store), store.getUsableSpace(), bytes));
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

  private static String disk(FileStore store) {
    return store.name() + " (" + store.type() + ")";
  }

  /** A node on this machine shares the disk that its directory is on; others tell what is free. */
  private static void addNode(List<Need> needs, NodeRecord node, long bytes) {
    String what = "shard files of node " + node.id();
    Map.Entry<String, Double> free = free(node);
    if (free == null) {
      return;
    }
    boolean isHere = node.listen().startsWith("127.") || node.listen().startsWith("localhost:");
    Path directory =
        Path.of(free.getKey().substring(FREE.length(), free.getKey().length() - "\"}".length()));
    if (isHere && Files.isDirectory(directory)) {
      addHere(needs, what, directory, bytes);
    } else {
      needs.add(new Need(what, "node " + node.id(), free.getValue().longValue(), bytes));
    }
  }

  private static Map.@Nullable Entry<String, Double> free(NodeRecord node) {
    if (node.httpListen().isEmpty()) {
      return null;
    }
    try {
      return MetricsPage.of(node.httpListen()).values().entrySet().stream()
          .filter(metric -> metric.getKey().startsWith(FREE))
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      // The node itself refuses what it has no room for.
      return null;
    }
  }

  /**
   * Refuses what does not fit.
   *
   * @throws FeatureKvException NO_SPACE, naming the disk and every figure
   */
  void check() {
    check(building);
    check(shipping);
  }

  private static void check(List<Need> needs) {
    Map<String, List<Need>> byDisk = new LinkedHashMap<>();
    needs.forEach(need -> byDisk.computeIfAbsent(need.disk(), _ -> new ArrayList<>()).add(need));
    byDisk.forEach(DiskBudget::check);
  }

  private static void check(String disk, List<Need> needs) {
    long needed = needs.stream().mapToLong(Need::bytes).sum();
    long free = needs.stream().mapToLong(Need::freeBytes).min().orElse(0);
    if (needed + MARGIN_BYTES <= free) {
      return;
    }
    String parts =
        needs.stream()
            .map(need -> Human.bytes(need.bytes()) + " of " + need.what())
            .collect(Collectors.joining(", "));
    throw new FeatureKvException(
        ErrorCode.NO_SPACE,
        "the load needs "
            + Human.bytes(needed)
            + " on "
            + disk
            + " ("
            + parts
            + ") and "
            + Human.bytes(MARGIN_BYTES)
            + " besides, but "
            + Human.bytes(free)
            + " are free; nothing was written. --input-dir and --temp-dir name other disks,"
            + " --ignore-disk tries all the same");
  }
}
