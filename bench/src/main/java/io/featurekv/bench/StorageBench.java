package io.featurekv.bench;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.report.Json;
import io.featurekv.bench.report.Machine;
import io.featurekv.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares FeatureKV's tables with other stores, in one process. */
public final class StorageBench {
  private static final int USAGE = 64;

  /** All stores of the largest section, and one that is being built. */
  private static final long DISK_BYTES_PER_ENTRY = 1500;

  private static final long MEMORY_BYTES_PER_ENTRY = 140;

  private final Lab lab;
  private final BenchOptions options;

  private StorageBench(BenchOptions options, Path directory, PrintStream out) {
    this.options = options;
    this.lab = new Lab(options, directory, out);
  }

  /** See {@code --help}. Exits 64 on a wrong command line, 1 when a check fails. */
  public static void main(String[] arguments) throws IOException {
    if (List.of(arguments).contains("-h") || List.of(arguments).contains("--help")) {
      System.out.print(OptionParser.HELP);
      return;
    }
    try {
      run(OptionParser.parse(List.of(arguments)), System.out);
    } catch (OptionParser.BadOption e) {
      System.err.println("bench/storage: " + e.getMessage());
      System.exit(USAGE);
    }
  }

  /** Runs every section that was asked for, deletes what was built, and returns the tables. */
  static List<Table> run(BenchOptions options, PrintStream out) throws IOException {
    Files.createDirectories(options.directory());
    Map<String, Object> machine = Machine.describe(options.directory());
    Path directory = Files.createTempDirectory(options.directory(), "stores-");
    Thread deletion = new Thread(() -> deleteQuietly(directory), "deletion");
    Runtime.getRuntime().addShutdownHook(deletion);
    StorageBench bench = new StorageBench(options, directory, out);
    machine.forEach((name, words) -> bench.lab.say(name + ": " + words));
    options.describe().forEach((name, words) -> bench.lab.say(name + ": " + words));
    try {
      bench.checkRoom();
      bench.compare();
      bench.compareShapes();
      if (bench.lab.hasSection("columns")) {
        new ColumnsSection(bench.lab).run();
      }
      if (bench.lab.hasSection("cold")) {
        bench.lab.forgetIds();
        new ColdSection(bench.lab).run();
      }
    } finally {
      Directories.delete(directory);
      Runtime.getRuntime().removeShutdownHook(deletion);
      bench.writeResults(machine);
    }
    return bench.lab.tables();
  }

  /** When the run is interrupted; files that are still mapped go with the process. */
  private static void deleteQuietly(Path directory) {
    try {
      Directories.delete(directory);
    } catch (IOException e) {
      System.err.println("bench/storage: " + directory + " is left: " + e);
    }
  }

  private void checkRoom() throws IOException {
    long disk = options.entries() * DISK_BYTES_PER_ENTRY;
    long free = Files.getFileStore(options.directory()).getUsableSpace();
    if (free < disk) {
      throw new IOException(
          options.directory()
              + ": expected "
              + (disk >> 20)
              + " MB of free space, found "
              + (free >> 20)
              + "; choose another place with --dir or fewer --entries");
    }
    int stores = options.only().size() + options.peers().size();
    long memory = options.entries() * MEMORY_BYTES_PER_ENTRY * stores;
    if (Machine.availableBytes() < memory) {
      lab.say(
          "about "
              + (memory >> 20)
              + " MB are read, and "
              + (Machine.availableBytes() >> 20)
              + " MB are available: some figures will be those of the disk."
              + " Narrow it with --only and --peers");
    }
  }

  private void compare() throws IOException {
    if (!Set.of("build", "open", "get", "scan").stream().anyMatch(lab::hasSection)) {
      return;
    }
    List<Subject> subjects = Subject.main(options);
    if (lab.hasSection("build")) {
      new BuildSection(lab, subjects).run();
    } else {
      for (Subject subject : subjects) {
        lab.build(subject);
      }
    }
    try (OpenSubjects opened = OpenSubjects.open(lab, subjects)) {
      opened.forgetCopies();
      if (lab.hasSection("open")) {
        lab.report(opened.table());
      }
      if (lab.hasSection("get")) {
        compareGets(opened);
      }
      if (lab.hasSection("scan")) {
        lab.report(new ScanSection(lab, opened).run());
      }
    }
    deleteUnneeded(subjects, lab.hasSection("shapes") ? List.of("mem", "idx") : List.of("idx"));
  }

  private void deleteUnneeded(List<Subject> subjects, List<String> needed) throws IOException {
    lab.delete(subjects.stream().filter(subject -> !needed.contains(subject.name())).toList());
  }

  private void compareGets(OpenSubjects opened) {
    for (KeyMix mix : List.of(KeyMix.UNIFORM, KeyMix.ZIPF, KeyMix.HALF_ABSENT)) {
      Table table =
          new GetSection(lab, opened)
              .run("gets of " + options.batch() + " keys, " + mix.title(), mix, BenchOptions.PEERS);
      table.note("CPU of the reading thread in its best round and in the middle one; wall and");
      table.note("process CPU of the best round; x: how many times as much the peer takes.");
      lab.report(table);
    }
  }

  private void compareShapes() throws IOException {
    if (!lab.hasSection("shapes")) {
      return;
    }
    List<Subject> subjects = Subject.shapes(options);
    for (Subject subject : subjects) {
      if (!Files.isDirectory(lab.directory(subject))) {
        lab.build(subject);
      }
    }
    try (OpenSubjects opened = OpenSubjects.open(lab, subjects)) {
      lab.report(opened.table());
      for (KeyMix mix : List.of(KeyMix.UNIFORM, KeyMix.HALF_ABSENT)) {
        lab.report(
            new GetSection(lab, opened)
                .run(
                    "gets in "
                        + options.shards()
                        + " shards, in one, and from chains, "
                        + mix.title(),
                    mix,
                    List.of("mem", "idx")));
      }
    }
    deleteUnneeded(subjects, List.of("idx"));
  }

  private void writeResults(Map<String, Object> machine) throws IOException {
    Path results = options.results();
    if (results == null || lab.tables().isEmpty()) {
      return;
    }
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    Path file =
        Files.createDirectories(results)
            .resolve("storage-" + options.entries() + "-" + time + ".json");
    Files.writeString(
        file, Json.of(machine, options.describe(), lab.tables()), StandardCharsets.UTF_8);
    lab.say("wrote " + file);
  }
}
