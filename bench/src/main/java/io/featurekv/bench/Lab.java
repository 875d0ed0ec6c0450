package io.featurekv.bench;

import io.featurekv.bench.data.Layout;
import io.featurekv.bench.data.SortedIds;
import io.featurekv.bench.data.SortedSource;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.report.Table;
import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the sections of one run share: options, where stores lie, what was found. One thread. */
final class Lab {
  private final BenchOptions options;
  private final Path directory;
  private final PrintStream out;
  private final List<Table> tables = new ArrayList<>();
  private final Map<Layout, SortedIds> ids = new HashMap<>();

  /** Stores lie in {@code directory}, which is there. */
  Lab(BenchOptions options, Path directory, PrintStream out) {
    this.options = options;
    this.directory = directory;
    this.out = out;
  }

  BenchOptions options() {
    return options;
  }

  boolean hasSection(String name) {
    return options.sections().contains(name);
  }

  /** Says what is going on. */
  void say(String sentence) {
    out.println("-- " + sentence);
    out.flush();
  }

  void report(Table table) {
    tables.add(table);
    out.println();
    out.println(table.text());
    out.flush();
  }

  List<Table> tables() {
    return tables;
  }

  /** The ids of all entries as a layout wants them; sorted once. */
  SortedIds ids(Layout layout) {
    return ids.computeIfAbsent(layout, wanted -> SortedIds.of(options.entries(), wanted));
  }

  SortedIds idsByKey() {
    return ids(new Layout(1, EntryOrder.BY_KEY));
  }

  void forgetIds() {
    ids.clear();
  }

  /** Where a subject's store lies. */
  Path directory(Subject subject) {
    String name = subject.name().replaceAll("[^a-z0-9]+", "-");
    return directory.resolve(name + "-of-" + subject.entries().shape().name());
  }

  Path emptyDirectory(Subject subject) throws IOException {
    Path directory = directory(subject);
    Directories.delete(directory);
    return Files.createDirectories(directory);
  }

  SortedSource sortedSource(Subject subject) {
    return new SortedSource(subject.entries(), ids(subject.engine().layout()), 0);
  }

  /** Builds from sorted input, unmeasured. */
  void build(Subject subject) throws IOException {
    say("building " + subject.name());
    subject.engine().build(emptyDirectory(subject), sortedSource(subject));
  }

  void delete(List<Subject> subjects) throws IOException {
    for (Subject subject : subjects) {
      Directories.delete(directory(subject));
    }
  }
}
