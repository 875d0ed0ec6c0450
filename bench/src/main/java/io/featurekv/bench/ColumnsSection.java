package io.featurekv.bench;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.report.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Compressible values: how small files get, and what reading them costs. */
final class ColumnsSection {
  private final Lab lab;
  private final List<Subject> subjects;

  ColumnsSection(Lab lab) {
    this.lab = lab;
    this.subjects = Subject.columns(lab.options());
  }

  /** Leaves the stores where they are. */
  void run() throws IOException {
    List<Double> buildSeconds = new ArrayList<>();
    for (Subject subject : subjects) {
      Stopwatch watch = new Stopwatch();
      lab.say("building " + subject.name() + " of compressible values");
      var source = lab.sortedSource(subject);
      var directory = lab.emptyDirectory(subject);
      watch.start();
      subject.engine().build(directory, source);
      watch.stop(1);
      buildSeconds.add(watch.processSeconds());
    }
    lab.report(sizes(buildSeconds));
    try (OpenSubjects opened = OpenSubjects.open(lab, subjects)) {
      GetSection gets = new GetSection(lab, opened);
      List<String> against = List.of("idx", "rocksdb-zstd");
      lab.report(
          gets.run(
              "gets of compressible values, uniform: caches of decoded blocks miss",
              KeyMix.UNIFORM,
              against));
      lab.report(
          gets.run(
              "gets of compressible values, 1,000 keys again and again: caches hit",
              KeyMix.FEW,
              against));
    }
  }

  private Table sizes(List<Double> buildSeconds) throws IOException {
    Table table =
        new Table(
            "files of compressible values, " + lab.options().entries() + " entries",
            List.of(
                new Table.Column("file B/entry", 1),
                new Table.Column("% less than idx", 1),
                new Table.Column("build CPU s", 2),
                new Table.Column("Mkeys/CPU-s", 2)));
    double entries = lab.options().entries();
    double plain = Double.NaN;
    for (int i = 0; i < subjects.size(); i++) {
      double bytes = Directories.diskBytes(lab.directory(subjects.get(i))) / entries;
      if (subjects.get(i).name().equals("idx")) {
        plain = bytes;
      }
      table.add(
          subjects.get(i).name(),
          List.of(
              bytes,
              100 * (1 - bytes / plain),
              buildSeconds.get(i),
              entries / buildSeconds.get(i) / 1e6));
    }
    table.note("25 floats, each one of 64 values of its column, some of them much more frequent.");
    table.note("rocksdb-zstd: level 3, blocks of 4 KB, dictionaries of 16 KB, cache of 32 MB.");
    return table;
  }
}
