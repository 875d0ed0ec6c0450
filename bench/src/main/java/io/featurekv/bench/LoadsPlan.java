package io.featurekv.bench;

import io.featurekv.bench.ingest.DataSet;
import io.featurekv.bench.ingest.Subject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who builds from what, each set's files being written once.
 *
 * @param work in the order of the sets' sizes as they first come
 * @param leftOut why builds that were asked for are not done
 */
record LoadsPlan(Map<DataSet, List<Subject>> work, List<String> leftOut) {
  private static final int VALUE_BYTES = 100;
  private static final int WIDE_VALUE_BYTES = 400;
  private static final int SMALL_VALUE_BYTES = 8;
  private static final int SECTS = 3;
  private static final int MOST_BUILDERS = 3;

  /** Three of them and the node that serves have room on two cores. */
  private static final double BUILDER_SHARE = 0.4;

  /** A share of the memory that tables in memory may take beside everything else. */
  private static final double TABLES_SHARE = 0.5;

  /** What is left free on the disk. */
  private static final long MARGIN_BYTES = 2L << 30;

  /**
   * Plans what was asked for, as far as there is room.
   *
   * @param memoryBytes that are available
   * @param diskBytes that are free
   * @param heldObstacle why no process can be held to a share of a core; empty where it can
   */
  static LoadsPlan of(
      LoadsOptions options, long memoryBytes, long diskBytes, Optional<String> heldObstacle) {
    LoadsPlan plan = new LoadsPlan(new LinkedHashMap<>(), new ArrayList<>());
    Optional<String> obstacle = heldObstacle.filter(why -> options.sections().contains("builders"));
    obstacle.ifPresent(why -> plan.leftOut.add("section builders is left out: " + why));
    wanted(options)
        .forEach(
            (data, subjects) -> {
              subjects.removeIf(subject -> subject instanceof Subject.Held && obstacle.isPresent());
              plan.add(data, subjects, memoryBytes, diskBytes);
            });
    return plan;
  }

  private void add(DataSet data, Set<Subject> subjects, long memoryBytes, long diskBytes) {
    List<Subject> fitting = new ArrayList<>();
    for (Subject subject : subjects) {
      long memory = memoryBytes(data, subject);
      long disk = data.inputBytes() + subject.diskBytes(data) + MARGIN_BYTES;
      if (memory > TABLES_SHARE * memoryBytes) {
        leftOut.add(
            missing(
                data,
                subject,
                "%.1f GB in memory, of which half may be taken",
                memory,
                memoryBytes));
      } else if (disk > diskBytes) {
        leftOut.add(missing(data, subject, "%.1f GB of disk", disk, diskBytes));
      } else {
        fitting.add(subject);
      }
    }
    if (!fitting.isEmpty()) {
      work.put(data, fitting);
    }
  }

  private static String missing(
      DataSet data, Subject subject, String what, long needed, long there) {
    return data.title()
        + " into "
        + subject.name()
        + " is left out: it needs "
        + String.format(what, needed / 1e9)
        + String.format("; there are %.1f GB", there / 1e9);
  }

  /** What tables and rows in memory take, all processes together. */
  private static long memoryBytes(DataSet data, Subject subject) {
    return switch (subject) {
      case Subject.Own own -> own.kind().equals("mem") ? data.copyBytes("mem") * own.sects() : 0;
      case Subject.Held held -> held.kind().equals("mem") ? data.copyBytes("mem") : 0;
      case Subject.Peer peer -> peer.name().equals("rocksdb-sorted") ? data.peerBytes() : 0;
    };
  }

  private static Map<DataSet, Set<Subject>> wanted(LoadsOptions options) {
    Map<DataSet, Set<Subject>> wanted = new LinkedHashMap<>();
    List<Subject> own = new ArrayList<>();
    for (String kind : LoadsOptions.OWN) {
      for (boolean onCluster : options.onCluster()) {
        if (options.kinds().contains(kind)) {
          own.add(new Subject.Own(kind, 1, onCluster));
        }
      }
    }
    List<Subject> peers =
        LoadsOptions.PEERS.stream()
            .filter(options.peers()::contains)
            .<Subject>map(Subject.Peer::new)
            .toList();
    if (options.sections().contains("peers")) {
      for (int entries : options.peerEntries()) {
        DataSet data = new DataSet(entries, VALUE_BYTES, "parquet");
        all(wanted, data, own);
        all(wanted, data, peers);
      }
    }
    if (options.sections().contains("grow")) {
      for (String source : LoadsOptions.SOURCES) {
        for (int entries : options.entries()) {
          if (options.sources().contains(source)) {
            all(wanted, new DataSet(entries, VALUE_BYTES, source), own);
          }
        }
      }
    }
    if (options.sections().contains("wide")) {
      all(wanted, new DataSet(options.wideEntries(), WIDE_VALUE_BYTES, "parquet"), own);
    }
    if (options.sections().contains("small")) {
      all(
          wanted,
          new DataSet(options.smallEntries(), SMALL_VALUE_BYTES, "parquet"),
          options.onCluster().stream()
              .<Subject>map(onCluster -> new Subject.Own("idx", 1, onCluster))
              .toList());
    }
    if (options.sections().contains("sects")) {
      options
          .sectEntries()
          .forEach(
              (kind, entries) -> {
                if (entries > 0) {
                  for (boolean onCluster : options.onCluster()) {
                    all(
                        wanted,
                        new DataSet(entries, VALUE_BYTES, "parquet"),
                        List.of(
                            new Subject.Own(kind, 1, onCluster),
                            new Subject.Own(kind, SECTS, onCluster)));
                  }
                }
              });
    }
    if (options.sections().contains("builders")) {
      List<Subject> held = new ArrayList<>();
      for (int builders = 1; builders <= MOST_BUILDERS; builders++) {
        held.add(new Subject.Held("idx", builders, BUILDER_SHARE));
      }
      all(wanted, new DataSet(options.builderEntries(), VALUE_BYTES, "parquet"), held);
    }
    return wanted;
  }

  private static void all(Map<DataSet, Set<Subject>> wanted, DataSet data, List<Subject> subjects) {
    wanted.computeIfAbsent(data, _ -> new LinkedHashSet<>()).addAll(subjects);
  }

  /** Most bytes on the disk at one time. */
  long diskBytes() {
    return work.entrySet().stream()
        .mapToLong(
            entry ->
                entry.getKey().inputBytes()
                    + entry.getValue().stream()
                        .mapToLong(subject -> subject.diskBytes(entry.getKey()))
                        .max()
                        .orElse(0))
        .max()
        .orElse(0);
  }
}
