package io.featurekv.bench;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.SortedIds;
import io.featurekv.bench.data.SortedSource;
import io.featurekv.bench.data.StagedSource;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.engine.FeatureKvEngine;
import io.featurekv.bench.report.Table;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Building every store from input that comes sorted and from input that does not, in turns. What is
 * built last, from sorted input, stays.
 */
final class BuildSection {
  private static final List<Table.Column> COLUMNS =
      List.of(
          new Table.Column("sorted: CPU s", 2),
          new Table.Column("Mkeys/CPU-s", 2),
          new Table.Column("wall s", 2),
          new Table.Column("unsorted: CPU s", 2),
          new Table.Column("Mkeys/CPU-s unsorted", 2),
          new Table.Column("wall s unsorted", 2),
          new Table.Column("digest CPU s", 2),
          new Table.Column("file B/entry", 1));

  private final Lab lab;
  private final List<Subject> subjects;
  private final List<Cheapest> sorted = new ArrayList<>();
  private final List<Cheapest> unsorted = new ArrayList<>();

  BuildSection(Lab lab, List<Subject> subjects) {
    this.lab = lab;
    this.subjects = subjects;
  }

  /** The least of several builds. */
  private static final class Cheapest {
    private double processSeconds = Double.NaN;
    private double wallSeconds = Double.NaN;

    void offer(Stopwatch watch) {
      if (Double.isNaN(processSeconds) || watch.processSeconds() < processSeconds) {
        processSeconds = watch.processSeconds();
        wallSeconds = watch.wallSeconds();
      }
    }
  }

  void run() throws IOException {
    for (int i = 0; i < subjects.size(); i++) {
      sorted.add(new Cheapest());
      unsorted.add(new Cheapest());
    }
    for (int round = 0; round < lab.options().buildRounds(); round++) {
      for (int i = 0; i < subjects.size(); i++) {
        lab.say("build round " + (round + 1) + ": " + subjects.get(i).name());
        buildBoth(i);
      }
    }
    report();
  }

  private void buildBoth(int place) throws IOException {
    Subject subject = subjects.get(place);
    EntrySource inOrder = lab.sortedSource(subject);
    if (subject.engine().layout().order() == null) {
      unsorted.get(place).offer(build(subject, inOrder));
      return;
    }
    unsorted.get(place).offer(buildUnsorted(subject));
    sorted.get(place).offer(build(subject, inOrder));
  }

  private Stopwatch build(Subject subject, EntrySource source) throws IOException {
    Path directory = lab.emptyDirectory(subject);
    Stopwatch watch = new Stopwatch();
    watch.start();
    subject.engine().build(directory, source);
    watch.stop(subject.entries().count());
    return watch;
  }

  private Stopwatch buildUnsorted(Subject subject) throws IOException {
    Path directory = lab.emptyDirectory(subject);
    Stopwatch watch = new Stopwatch();
    watch.start();
    try (StagedSource staged = StagedSource.of(subject.entries(), subject.engine().layout())) {
      subject.engine().build(directory, staged);
    }
    watch.stop(subject.entries().count());
    return watch;
  }

  private void report() throws IOException {
    int entries = lab.options().entries();
    Table table = new Table("build, " + entries + " entries of 16 + 100 bytes", COLUMNS);
    for (int i = 0; i < subjects.size(); i++) {
      Cheapest inOrder = sorted.get(i);
      Cheapest anyhow = unsorted.get(i);
      table.add(
          subjects.get(i).name(),
          List.of(
              inOrder.processSeconds,
              entries / inOrder.processSeconds / 1e6,
              inOrder.wallSeconds,
              anyhow.processSeconds,
              entries / anyhow.processSeconds / 1e6,
              anyhow.wallSeconds,
              digestSeconds(subjects.get(i)),
              (double) Directories.diskBytes(lab.directory(subjects.get(i))) / entries));
    }
    double computing = computingSeconds(entries);
    double none = Double.NaN;
    table.add(
        "(computing the entries)",
        List.of(computing, entries / computing / 1e6, none, none, none, none, none, none));
    table.note("CPU of the whole process, the best of " + lab.options().buildRounds() + " builds;");
    table.note(
        "computing the entries is inside, and for unsorted input laying them down in memory,");
    table.note(
        "parting and sorting them. FeatureKV's seal is inside: one digest of SHA-256 and CRC32C");
    table.note(
        "over the whole file ('digest CPU s' is that alone, done once more), and forcing to disk.");
    table.note("Sparkey and Chronicle Map take entries in any order.");
    lab.report(table);
  }

  private double digestSeconds(Subject subject) {
    if (!(subject.engine() instanceof FeatureKvEngine own)) {
      return Double.NaN;
    }
    Stopwatch watch = new Stopwatch();
    watch.start();
    own.paths(lab.directory(subject)).forEach(ShardFiles::digestPieces);
    watch.stop(1);
    return watch.processSeconds();
  }

  private double computingSeconds(int entries) {
    long[] sum = {0};
    SortedIds ids = lab.idsByKey();
    Stopwatch watch = new Stopwatch();
    watch.start();
    EntrySet set = EntrySet.plain(entries, ValueShape.FIXED);
    new SortedSource(set, ids, 0)
        .feed(0, (key, keyLength, value, valueLength) -> sum[0] += value[0] + keyLength);
    watch.stop(sum[0]);
    return watch.processSeconds();
  }
}
