package io.featurekv.chaos.linkv;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** {@code chaos-tests/lin-kv}: runs of registers in the metadata under faults. */
final class LinKvCommand {
  private static final int USAGE = 64;
  private static final String HELP =
      """
      Examples:
        chaos-tests/lin-kv                                       one run of five nodes, 15 s of all faults
        chaos-tests/lin-kv --runs 40 --seed 1                    forty, with the seeds 1 to 40
        chaos-tests/lin-kv --nodes 3 --faults partition,ring --latency 40 --latency-dist exponential
        chaos-tests/lin-kv --runs 1 --seed 17 --nodes 5          run 17 of forty again

      Starts voters (featurekv maelstrom) as processes, carries the messages between them with latency and faults,
      lets clients read, write, and compare and set registers, and checks that what they saw is linearizable and that
      nothing acknowledged is missing once the faults have healed. docs/maelstrom.md tells more.

      Exits with 0 when all runs passed and enough happened in each; with 1 otherwise. What failed leaves one directory
      with seed, schedule, history, the nodes' logs and files, and the command that repeats it.

      Options:
        --runs N           1 unless said otherwise; run i has the seed --seed + i - 1
        --seed N           drawn and printed unless said otherwise
        --nodes 3|5        3 with odd seeds and 5 with even ones unless said otherwise; 1 to 9 are taken
        --seconds T        how long faults last in each run; 15 unless said otherwise
        --faults F,F,...   all, none, or of: partition, one-way, bridge, ring, loss, duplicate, kill, kill-all, pause
        --latency MS       mean between nodes; by the seed, from 0 to 40, unless said otherwise
        --latency-dist D   constant, uniform or exponential; by the seed unless said otherwise
        --rate N           operations a second that clients try to do; 100 unless said otherwise
        --dir DIRECTORY    where runs keep their files; chaos-tests/target
        -h, --help
      """;

  private int runs = 1;
  private long seed = new Random().nextInt(1_000_000_000);
  private int nodes;
  private int seconds = 15;
  private Set<Fault> faults = Fault.parse("all");
  private int latencyMillis = -1;
  private Latency latency;
  private int rate = 100;
  private Path directory = Path.of("chaos-tests", "target");

  private LinKvCommand() {}

  /** See {@code --help}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> words = List.of(arguments);
    if (words.contains("-h") || words.contains("--help")) {
      System.out.print(HELP);
      return;
    }
    LinKvCommand command = new LinKvCommand();
    try {
      for (int i = 0; i < words.size(); i += 2) {
        command.set(words.get(i), i + 1 < words.size() ? words.get(i + 1) : "");
      }
    } catch (IllegalArgumentException e) {
      System.err.println("chaos-tests/lin-kv: " + e.getMessage());
      System.exit(USAGE);
    }
    System.exit(command.run() ? 0 : 1);
  }

  private void set(String name, String value) {
    switch (name) {
      case "--runs" -> runs = number(name, value, 1, 1_000_000);
      case "--seed" -> seed = number(name, value, 0, Integer.MAX_VALUE);
      case "--nodes" -> nodes = number(name, value, 1, 9);
      case "--seconds" -> seconds = number(name, value, 1, 86_400);
      case "--faults" -> faults = Fault.parse(value);
      case "--latency" -> latencyMillis = number(name, value, 0, 10_000);
      case "--latency-dist" -> latency = latency(name, value);
      case "--rate" -> rate = number(name, value, 1, 100_000);
      case "--dir" -> directory = Path.of(value);
      default ->
          throw new IllegalArgumentException("unknown option '" + name + "'; --help lists them");
    }
  }

  private static int number(String name, String value, int least, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        name + " takes a whole number from " + least + " to " + most + ", not '" + value + "'");
  }

  private static Latency latency(String name, String value) {
    try {
      return Latency.ofWord(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          name + " is constant, uniform or exponential, not '" + value + "'", e);
    }
  }

  private LinKvSettings settings(long runSeed) {
    return new LinKvSettings(
        runSeed,
        nodes > 0 ? nodes : runSeed % 2 == 0 ? 5 : 3,
        seconds,
        faults,
        latency != null ? latency : LinKvSettings.latencyOf(runSeed),
        latencyMillis >= 0 ? latencyMillis : LinKvSettings.latencyMillisOf(runSeed),
        rate);
  }

  private boolean run() throws IOException, InterruptedException {
    System.out.printf("%d runs from seed %d%n%s%n", runs, seed, HEADER);
    List<LinKvReport> reports = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      LinKvReport report = LinKvRun.run(settings(seed + i), directory);
      reports.add(report);
      System.out.println(row(report));
      report.problems().forEach(problem -> System.out.println("    " + problem));
      if (!report.passed()) {
        System.out.println("    everything is in " + report.directory());
        System.out.println("    again: " + report.settings().command());
      }
    }
    summarise(reports);
    return reports.stream().allMatch(LinKvReport::passed);
  }

  private static final String HEADER =
      "      seed nodes  latency      done writes   cas failed  open keys final  faults   carried    cut   lost doubled overtook"
          + " votes leaders seconds";

  private static String row(LinKvReport report) {
    LinKvSettings settings = report.settings();
    Network.Counts network = report.network();
    return String.format(
        Locale.ROOT,
        "%10d %5d %3d ms %-4.4s %6d %6d %5d %6d %5d %4d %5d %7d %9d %6d %6d %7d %8d %5d %7d %7.1f  %s",
        settings.seed(),
        settings.nodes(),
        settings.latencyMillis(),
        settings.latency().name().toLowerCase(Locale.ROOT),
        report.done(),
        report.acknowledged().writes(),
        report.acknowledged().swaps(),
        report.failed(),
        report.open(),
        report.keys(),
        report.finalReads(),
        report.faults(),
        network.carried(),
        network.cut(),
        network.lost(),
        network.doubled(),
        network.overtook(),
        network.votes(),
        network.leaders(),
        report.seconds(),
        report.passed() ? "passed" : "NOT PASSED");
  }

  private static void summarise(List<LinKvReport> reports) {
    Map<Fault, Integer> fired = new TreeMap<>();
    long done = 0;
    long open = 0;
    long leaders = 0;
    double seconds = 0;
    for (LinKvReport report : reports) {
      report.fired().forEach((fault, count) -> fired.merge(fault, count, Integer::sum));
      done += report.done();
      open += report.open();
      leaders += report.network().leaders();
      seconds += report.seconds();
    }
    StringBuilder faults = new StringBuilder();
    fired.forEach(
        (fault, count) ->
            faults
                .append(faults.isEmpty() ? "" : ", ")
                .append(count)
                .append(' ')
                .append(fault.word()));
    System.out.printf(
        Locale.ROOT,
        "%d of %d runs passed: %,d operations done, %,d left open, %d leaders, in %.0f s%nfaults: %s%n",
        reports.stream().filter(LinKvReport::passed).count(),
        reports.size(),
        done,
        open,
        leaders,
        seconds,
        faults);
  }
}
