package io.featurekv.cli.bench;

import io.featurekv.cli.bench.DiskPlaces.NodeDisk;
import io.featurekv.cli.terminal.Human;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.storage.ShardFileSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a load will have on disks at most, besides what is there already. Where this process builds:
 * input files, sorted runs and shard files first, then input files, shard files and a copy of them
 * in each sect. Where nodes build: input files, the runs of all builders, parts of them that they
 * fetch from one another, and the copies, all at once. Pure.
 *
 * @param phases what is there at one time
 */
record DiskBudget(List<List<Need>> phases) {
  /** The length of a value takes two bytes more from here on, in a sorted run. */
  private static final int LONG_VALUE_BYTES = 1 << 16;

  /** What has to be free besides. */
  static final long MARGIN_BYTES = 1L << 30;

  DiskBudget {
    phases = phases.stream().map(List::copyOf).toList();
  }

  /** Something that takes room. */
  record Need(String what, Disk disk, long bytes) {}

  /** What writing the input takes. */
  static DiskBudget ofInput(LoadPlan plan, DiskPlaces places) {
    return new DiskBudget(List.of(input(plan, places)));
  }

  /** What a load takes. */
  static DiskBudget of(LoadPlan plan, DiskPlaces places) {
    return plan.onCluster() ? onCluster(plan, places) : here(plan, places);
  }

  private static List<Need> input(LoadPlan plan, DiskPlaces places) {
    List<Need> needs = new ArrayList<>();
    add(needs, "input files", places.input(), plan.input().fileBytes());
    return needs;
  }

  private static void add(List<Need> needs, String what, @Nullable Disk disk, long bytes) {
    if (disk != null && bytes > 0) {
      needs.add(new Need(what, disk, bytes));
    }
  }

  /**
   * At most: an entry has two bytes before the length of its value. Entries neither expire nor keep
   * their rows.
   */
  private static long runBytes(InputPlan input) {
    int lengthBytes = input.valueBytes() < LONG_VALUE_BYTES ? Short.BYTES : Integer.BYTES;
    return input.entryBytes() + input.entries() * (Short.BYTES + lengthBytes);
  }

  private static long copyBytes(LoadPlan plan) {
    return ShardFileSize.mostBytes(
        plan.kind(), plan.input().entries(), StandardSet.KEY_BYTES, plan.input().valueBytes());
  }

  private static DiskBudget here(LoadPlan plan, DiskPlaces places) {
    List<Need> building = input(plan, places);
    add(building, "shard files being built", places.temporary(), copyBytes(plan));
    List<Need> shipping = new ArrayList<>(building);
    add(building, "sorted runs", places.temporary(), runBytes(plan.input()));
    Map<String, Long> weights = weightOfSects(places);
    for (NodeDisk each : places.nodes()) {
      if (each.node().serves()) {
        add(
            shipping,
            "shard files of node " + each.node().id(),
            each.disk(),
            placedBytes(plan, each.node(), weights));
      }
    }
    return new DiskBudget(List.of(building, shipping));
  }

  private static Map<String, Long> weightOfSects(DiskPlaces places) {
    return places.nodes().stream()
        .map(NodeDisk::node)
        .filter(NodeRecord::serves)
        .collect(
            Collectors.groupingBy(NodeRecord::sect, Collectors.summingLong(NodeRecord::weight)));
  }

  /** What a node gets of its sect's copy. */
  private static long placedBytes(LoadPlan plan, NodeRecord node, Map<String, Long> weights) {
    double share = node.weight() / (double) weights.getOrDefault(node.sect(), (long) node.weight());
    return (long) (copyBytes(plan) * share);
  }

  private static DiskBudget onCluster(LoadPlan plan, DiskPlaces places) {
    List<Need> needs = input(plan, places);
    long builders = places.nodes().stream().filter(each -> each.node().builds()).count();
    long runs = runBytes(plan.input()) / Math.max(1, builders);
    long built = copyBytes(plan) / Math.max(1, builders);
    Map<String, Long> weights = weightOfSects(places);
    for (NodeDisk each : places.nodes()) {
      NodeRecord node = each.node();
      if (node.builds()) {
        add(needs, "sorted runs of node " + node.id(), each.disk(), runs);
        if (builders > 1) {
          add(needs, "runs that node " + node.id() + " fetches", each.disk(), runs);
        }
      }
      // A builder that serves keeps what it has built until another node of its sect has it.
      long placed = node.serves() ? placedBytes(plan, node, weights) : 0;
      long shards = Math.min(copyBytes(plan), placed + (node.builds() ? built : 0));
      add(needs, "shard files of node " + node.id(), each.disk(), shards);
    }
    return new DiskBudget(List.of(needs));
  }

  /**
   * Refuses what does not fit.
   *
   * @throws FeatureKvException NO_SPACE, naming the disk and every figure
   */
  void check() {
    for (List<Need> phase : phases) {
      Map<String, List<Need>> byDisk = new LinkedHashMap<>();
      phase.forEach(
          need -> byDisk.computeIfAbsent(need.disk().name(), _ -> new ArrayList<>()).add(need));
      byDisk.forEach(DiskBudget::check);
    }
  }

  private static void check(String disk, List<Need> needs) {
    long needed = needs.stream().mapToLong(Need::bytes).sum();
    long free = needs.stream().mapToLong(need -> need.disk().freeBytes()).min().orElse(0);
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
