package io.featurekv.bench;

import io.featurekv.bench.engine.BulkBuild;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.ingest.DataSet;
import io.featurekv.bench.ingest.LoadRuns;
import io.featurekv.bench.ingest.Outcome;
import io.featurekv.bench.ingest.PeerBuild;
import io.featurekv.bench.ingest.Subject;
import io.featurekv.bench.report.Json;
import io.featurekv.bench.report.Machine;
import io.featurekv.bench.report.Table;
import io.featurekv.bench.server.CpuShare;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compares loads of FeatureKV with each other, and with other stores built from the same files. */
public final class LoadsBench {
  private static final int USAGE = 64;
  private static final int MISSING = 78;

  private final LoadsOptions options;
  private final Path directory;
  private final PrintStream out;
  private final LoadRuns runs;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();

  private LoadsBench(LoadsOptions options, Path directory, PrintStream out) {
    this.options = options;
    this.directory = directory;
    this.out = out;
    this.runs =
        new LoadRuns(
            directory,
            options.executable(),
            options.memory(),
            options.isProfiled(),
            options.keptRecordings());
  }

  /**
   * See {@code --help}. Exits 64 on a wrong command line, 78 where FeatureKV is not built, 1 when a
   * build or a check fails, or nothing fits.
   */
  public static void main(String[] arguments) throws IOException {
    if (List.of(arguments).contains("-h") || List.of(arguments).contains("--help")) {
      System.out.print(LoadsOptionParser.HELP);
      return;
    }
    try {
      LoadsOptions options = LoadsOptionParser.parse(List.of(arguments));
      if (!Files.isExecutable(options.executable())) {
        System.err.println("bench/load: " + options.executable() + " is not there");
        System.exit(MISSING);
      }
      if (run(options, System.out).isEmpty()) {
        System.exit(1);
      }
    } catch (OptionParser.BadOption e) {
      System.err.println("bench/load: " + e.getMessage());
      System.exit(USAGE);
    }
  }

  /** Runs everything that was asked for and has room, deletes what was made, returns the tables. */
  static List<Table> run(LoadsOptions options, PrintStream out) throws IOException {
    Files.createDirectories(options.directory());
    Map<String, Object> machine = Machine.describe(options.directory());
    Path directory = Files.createTempDirectory(options.directory(), "loads-").toAbsolutePath();
    LoadsBench bench = new LoadsBench(options, directory, out);
    Thread cleaning = new Thread(bench::cleanUp, "cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    machine.forEach((name, words) -> bench.say(name + ": " + words));
    options.describe().forEach((name, words) -> bench.say(name + ": " + words));
    try {
      bench.measure();
    } finally {
      Runtime.getRuntime().removeShutdownHook(cleaning);
      bench.cleanUp();
      bench.report(LoadsTables.all(bench.outcomes));
      bench.writeResults(machine);
    }
    return bench.tables;
  }

  private void cleanUp() {
    runs.close();
    try {
      Directories.delete(directory);
    } catch (IOException e) {
      System.err.println("bench/load: " + directory + " is left: " + e);
    }
  }

  private void measure() throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    LoadsPlan plan = LoadsPlan.of(options, Machine.availableBytes(), free, CpuShare.obstacle());
    say(
        String.format(
            "disk: %.1f GB at most at one time, of %.1f GB that are free",
            plan.diskBytes() / 1e9, free / 1e9));
    plan.leftOut().forEach(this::say);
    for (BulkBuild peer : PeerBuild.peers()) {
      if (options.peers().contains(peer.name())) {
        say(peer.name() + ": " + peer.description());
      }
    }
    for (Map.Entry<DataSet, List<Subject>> each : plan.work().entrySet()) {
      measure(each.getKey(), each.getValue());
    }
  }

  private void measure(DataSet data, List<Subject> subjects) throws IOException {
    say("writing " + data.title());
    Path input = runs.write(data);
    List<Outcome> own = new ArrayList<>();
    for (Subject subject : subjects) {
      say(data.title() + " into " + subject.name());
      own.add(runs.run(data, subject, input));
    }
    Directories.delete(input);
    outcomes.addAll(own);
    report(LoadsTables.ofSet(data, own));
  }

  private void say(String sentence) {
    out.println("-- " + sentence);
    out.flush();
  }

  private void report(List<Table> more) {
    for (Table table : more) {
      tables.add(table);
      out.println();
      out.println(table.text());
    }
    out.flush();
  }

  private void writeResults(Map<String, Object> machine) throws IOException {
    Path results = options.results();
    if (results == null || tables.isEmpty()) {
      return;
    }
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    Path file = Files.createDirectories(results).resolve("load-" + time + ".json");
    Files.writeString(file, Json.of(machine, options.describe(), tables), StandardCharsets.UTF_8);
    say("wrote " + file);
  }
}
