package io.featurekv.bench;

import io.featurekv.bench.ClosedSection.Form;
import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.report.Json;
import io.featurekv.bench.report.Machine;
import io.featurekv.bench.report.Table;
import java.io.File;
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

/** Compares a FeatureKV node with other servers, over loopback. */
public final class ReadsBench {
  private static final int USAGE = 64;
  private static final int MISSING = 78;
  private static final int PIPELINE = 64;

  private final ServerLab lab;
  private final ReadsOptions options;
  private final Path directory;

  private ReadsBench(ReadsOptions options, Path directory, PrintStream out) {
    this.options = options;
    this.directory = directory;
    this.lab = new ServerLab(options, directory, out);
  }

  /**
   * See {@code --help}. Exits 64 on a wrong command line, 78 where a server is not installed, 1
   * when a check fails.
   */
  public static void main(String[] arguments) throws IOException {
    if (List.of(arguments).contains("-h") || List.of(arguments).contains("--help")) {
      System.out.print(ReadsOptionParser.HELP);
      return;
    }
    try {
      ReadsOptions options = ReadsOptionParser.parse(List.of(arguments));
      requireInstalled(options);
      run(options, System.out);
    } catch (OptionParser.BadOption e) {
      System.err.println("bench/reads: " + e.getMessage());
      System.exit(USAGE);
    }
  }

  private static void requireInstalled(ReadsOptions options) {
    if (options.peers().contains("redis") && !isInstalled("redis-server")) {
      missing("redis-server", "redis");
    }
    if (options.peers().contains("memcached") && !isInstalled("memcached")) {
      missing("memcached", "memcached");
    }
    if (!options.only().isEmpty() && !Files.isExecutable(options.executable())) {
      System.err.println("bench/reads: " + options.executable() + " is not there");
      System.exit(MISSING);
    }
  }

  private static void missing(String program, String peer) {
    System.err.println(
        "bench/reads: "
            + program
            + " is not on the PATH: install it (Debian: apt-get install redis-server memcached),"
            + " or leave "
            + peer
            + " out with --peers");
    System.exit(MISSING);
  }

  private static boolean isInstalled(String program) {
    for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(place, program))) {
        return true;
      }
    }
    return false;
  }

  /** Runs every section that was asked for, stops what was started, and returns the tables. */
  static List<Table> run(ReadsOptions options, PrintStream out) throws IOException {
    Files.createDirectories(options.directory());
    Map<String, Object> machine = Machine.describe(options.directory());
    Path directory = Files.createTempDirectory(options.directory(), "servers-");
    ReadsBench bench = new ReadsBench(options, directory.toAbsolutePath(), out);
    Thread cleaning = new Thread(() -> bench.cleanUp(directory), "cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    machine.forEach((name, words) -> bench.lab.say(name + ": " + words));
    options.describe().forEach((name, words) -> bench.lab.say(name + ": " + words));
    try {
      bench.lab.report(bench.lab.start());
      bench.measure();
    } finally {
      Runtime.getRuntime().removeShutdownHook(cleaning);
      bench.cleanUp(directory);
      bench.writeResults(machine);
    }
    return bench.lab.tables();
  }

  private void cleanUp(Path directory) {
    lab.close();
    try {
      Directories.delete(directory);
    } catch (IOException e) {
      System.err.println("bench/reads: " + directory + " is left: " + e);
    }
  }

  private void measure() throws IOException {
    if (options.sections().contains("batch")) {
      for (KeyMix mix : options.keyMixes()) {
        String title =
            String.format(
                "gets of %d keys, %s, %d connections, %d open on each",
                options.batch(), mix.title(), options.connections(), options.depth());
        measure(new Form(title, mix, options.batch(), options.connections(), options.depth()));
      }
    }
    if (options.sections().contains("single")) {
      for (int depth : List.of(PIPELINE, 1)) {
        String title =
            String.format(
                "gets of one key, uniform, %d connections, %d open on each",
                options.connections(), depth);
        measure(new Form(title, KeyMix.UNIFORM, 1, options.connections(), depth));
      }
    }
    if (options.sections().contains("tail")) {
      lab.report(new TailSection(lab, directory).run());
    }
    if (options.sections().contains("client")) {
      lab.report(new ClientSection(lab).run());
    }
  }

  private void measure(Form form) throws IOException {
    lab.report(new ClosedSection(lab, form).run());
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
            .resolve("reads-" + options.entries() + "-" + time + ".json");
    Files.writeString(
        file, Json.of(machine, options.describe(), lab.tables()), StandardCharsets.UTF_8);
    lab.say("wrote " + file);
  }
}
