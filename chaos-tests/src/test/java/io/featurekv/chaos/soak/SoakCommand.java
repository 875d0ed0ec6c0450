package io.featurekv.chaos.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.featurekv.chaos.FileTrees;
import io.featurekv.cli.server.Logging;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** {@code chaos-tests/soak}: real servers under faults for long, alone or mixed. */
final class SoakCommand {
  private static final int USAGE = 64;
  private static final Duration CHUNK = Duration.ofMinutes(4);
  private static final Duration FULL_TIME = Duration.ofHours(8);
  private static final int FULL_STRIKES = 100;
  private static final BigDecimal MILLIS_OF_MINUTE = BigDecimal.valueOf(60_000);
  private static final String HELP =
      """
      Examples:
        chaos-tests/soak --minutes 40 --seed 7               all scenarios that this machine can have, mixed
        chaos-tests/soak --scenario kill-at-ship --strikes 10  one alone, until it has fired ten times
        chaos-tests/soak --list                              what there is, and what is missing here
        chaos-tests/soak --full                              the long form of all, with simulate and lin-kv: days

      Starts three servers in two sects, loads, activates, rolls back, drops and reads versions whose values
      prove themselves, and harms the servers meanwhile. docs/reliability.md has the invariants and the faults.

      Exits with 0 when no invariant was violated, 1 when one was, 2 when too little happened to say anything,
      a scenario that was named and never fired included, and 3 when a run broke off, which ends the command;
      what was done until then is in the table all the same. A run that is not clean leaves its directory,
      which is named: seed, schedule, history, the servers' logs, and the command that repeats its choices.

      Options:
        --minutes N        how long in all; 10 unless this or --strikes is given
        --seed N           of all choices; drawn and printed unless said otherwise
        --scenario NAME    only this one; may be given several times, and end in * for all that begin so
        --strikes N        go on with each cluster until each of its scenarios has fired so often; one
                           that still has not after three times as many chances makes the run void
        --in-order         scenarios strike first in the order given, as when a run is repeated
        --list             names the scenarios and ends
        --full             the long form
        --dir DIRECTORY    where runs keep their files; chaos-tests/target
        -h, --help
      """;

  private final List<String> names = new ArrayList<>();
  private Duration time = Duration.ofMinutes(10);
  private boolean isTimeGiven;
  private boolean isInOrder;
  private long seed = System.nanoTime() >>> 1;
  private int strikes;
  private boolean isFull;
  private boolean isList;
  private Path directory = Path.of("chaos-tests", "target");

  private SoakCommand() {}

  /** See {@code --help}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> words = List.of(arguments);
    if (words.contains("-h") || words.contains("--help")) {
      System.out.print(HELP);
      return;
    }
    // Loads run in this process: their retries under faults are no news.
    Logging.errorsOnly();
    SoakCommand command = new SoakCommand();
    try {
      command.read(words);
      command.chosen();
    } catch (IllegalArgumentException e) {
      System.err.println("chaos-tests/soak: " + e.getMessage());
      System.exit(USAGE);
    }
    System.exit(command.run());
  }

  private void read(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      switch (word) {
        case "--list" -> isList = true;
        case "--full" -> isFull = true;
        case "--in-order" -> isInOrder = true;
        default -> {
          i++;
          set(word, i < words.size() ? words.get(i) : "");
        }
      }
    }
    if (strikes > 0 && !isTimeGiven) {
      time = Duration.ZERO;
    }
  }

  private void set(String name, String value) {
    switch (name) {
      case "--minutes" -> {
        time = minutes(value);
        isTimeGiven = true;
      }
      case "--seed" -> seed = number(name, value, Long.MIN_VALUE, Long.MAX_VALUE);
      case "--strikes" -> strikes = (int) number(name, value, 1, 1_000_000);
      case "--scenario" -> names.add(value);
      case "--dir" -> directory = Path.of(value);
      default ->
          throw new IllegalArgumentException("unknown option '" + name + "'; --help lists them");
    }
  }

  private static long number(String name, String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number < least || number > most) {
        throw new IllegalArgumentException(
            name + ": " + value + " is not between " + least + " and " + most);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": '" + value + "' is not a whole number", e);
    }
  }

  /** The inverse of {@link #text}: to the millisecond. */
  private static Duration minutes(String value) {
    try {
      long millis =
          new BigDecimal(value)
              .multiply(MILLIS_OF_MINUTE)
              .setScale(0, RoundingMode.HALF_UP)
              .longValueExact();
      if (millis < 0) {
        throw new IllegalArgumentException("--minutes: " + value + " is less than none");
      }
      return Duration.ofMillis(millis);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("--minutes: '" + value + "' is not a number", e);
    }
  }

  private static String text(Duration minutes) {
    return BigDecimal.valueOf(minutes.toMillis())
        .divide(MILLIS_OF_MINUTE, 8, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }

  private List<Scenario> chosen() {
    if (names.isEmpty()) {
      return Catalog.all();
    }
    List<Scenario> chosen = new ArrayList<>();
    for (String name : names) {
      List<Scenario> found =
          Catalog.all().stream()
              .filter(
                  scenario ->
                      name.endsWith("*")
                          ? scenario.name().startsWith(name.substring(0, name.length() - 1))
                          : scenario.name().equals(name))
              .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(
            "--scenario: there is no '" + name + "'; --list names those there are");
      }
      chosen.addAll(found);
    }
    return chosen.stream().distinct().toList();
  }

  private int run() throws IOException, InterruptedException {
    if (isList) {
      list();
      return 0;
    }
    List<Scenario> chosen = chosen();
    Collection<List<Scenario>> groups = groups(chosen);
    if (groups.isEmpty()) {
      System.out.println("VOID: nothing of it can be had on this machine");
      return Totals.VOID;
    }
    System.out.println("seed " + seed);
    int worst = mixed(chosen, groups, isFull ? FULL_TIME : time);
    if (isFull && worst != Totals.VIOLATED && worst != Totals.BROKEN) {
      strikes = FULL_STRIKES;
      time = Duration.ZERO;
      for (Scenario scenario : Catalog.all()) {
        if (worst != Totals.BROKEN && scenario.name().startsWith("kill-at-")) {
          List<Scenario> alone = List.of(scenario);
          worst = worse(worst, mixed(alone, List.of(alone), time));
        }
      }
    }
    return worst;
  }

  /** A violation stays one, whatever else was void. */
  private static int worse(int one, int other) {
    return one == Totals.VIOLATED || other == Totals.VIOLATED
        ? Totals.VIOLATED
        : Math.max(one, other);
  }

  private static void list() {
    for (Scenario scenario : Catalog.all()) {
      System.out.printf(
          Locale.ROOT,
          "%-22s faults %-8s %s%n%s",
          scenario.name(),
          scenario.faults(),
          scenario.about(),
          scenario
              .layout()
              .missing()
              .map(why -> " ".repeat(22) + " NOT HERE: " + why + "\n")
              .orElse(""));
    }
  }

  /** Those that can be had, by layout; says which cannot. */
  private static Collection<List<Scenario>> groups(List<Scenario> scenarios) {
    Map<String, List<Scenario>> groups = new LinkedHashMap<>();
    for (Scenario scenario : scenarios) {
      if (scenario.layout().missing().isPresent()) {
        System.out.println(
            "skipped, not passed: " + scenario.name() + ": " + scenario.layout().missing().get());
      } else {
        groups.computeIfAbsent(scenario.layout().name(), l -> new ArrayList<>()).add(scenario);
      }
    }
    return groups.values();
  }

  /** Clusters of all layouts in turn, each for as much of the time as it has of the scenarios. */
  private int mixed(List<Scenario> chosen, Collection<List<Scenario>> groups, Duration whole)
      throws IOException, InterruptedException {
    long rounds = Math.max(1, whole.toMillis() / Math.max(1, CHUNK.toMillis() * groups.size()));
    long scenarios = groups.stream().mapToLong(List::size).sum();
    Random seeds = new Random(seed);
    Totals totals = new Totals(chosen, !names.isEmpty());
    for (long round = 0; round < rounds; round++) {
      for (List<Scenario> group : groups) {
        if (totals.isBroken()) {
          break;
        }
        long chunkSeed = rounds * groups.size() == 1 ? seed : seeds.nextLong() >>> 1;
        Duration share = Duration.ofMillis(whole.toMillis() * group.size() / (rounds * scenarios));
        chunk(ordered(group, totals, chunkSeed), share, chunkSeed, totals);
      }
    }
    System.out.print(totals.text());
    return totals.exitCode();
  }

  /**
   * Those that had the fewest chances so far come first, so that no end of a list never strikes.
   */
  private List<Scenario> ordered(List<Scenario> group, Totals totals, long chunkSeed) {
    List<Scenario> order = new ArrayList<>(group);
    if (!isInOrder) {
      Collections.shuffle(order, new Random(chunkSeed));
      order.sort(Comparator.comparingLong(totals::attempts));
    }
    return order;
  }

  private void chunk(List<Scenario> group, Duration share, long chunkSeed, Totals totals)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path own = Files.createTempDirectory(directory, "soak-").toAbsolutePath();
    String repeat =
        "chaos-tests/soak --seed "
            + chunkSeed
            + (share.isZero() ? "" : " --minutes " + text(share))
            + (strikes == 0 ? "" : " --strikes " + strikes)
            + " --in-order"
            + String.join("", group.stream().map(each -> " --scenario " + each.name()).toList());
    Files.writeString(own.resolve("run.txt"), repeat + "\n");
    System.out.printf(
        Locale.ROOT,
        "layout %s, %d scenarios, %s, seed %d, files in %s%n",
        group.getFirst().layout().name(),
        group.size(),
        share.isZero() ? strikes + " strikes of each" : text(share) + " min",
        chunkSeed,
        own);
    SoakRun.Result result;
    List<String> wrong;
    try {
      result =
          SoakRun.run(
              new SoakRun.Settings(
                  own, group, Profile.SMALL, share, strikes, SoakRun.CONVERGENCE, chunkSeed));
      wrong = totals.add(result, group, strikes).stream().map(what -> "VOID " + what).toList();
    } catch (SoakRun.BrokenOff e) {
      result = e.result();
      totals.addBroken(result, e.getMessage());
      wrong = List.of("BROKEN OFF " + e.getMessage());
      try (PrintWriter trace = new PrintWriter(own.resolve("broken-off.txt").toFile(), UTF_8)) {
        e.printStackTrace(trace);
      }
    }
    if (result.violationCount() == 0 && wrong.isEmpty()) {
      FileTrees.delete(own);
    } else {
      result.violations().forEach(each -> System.out.println("VIOLATION " + each));
      wrong.forEach(System.out::println);
      System.out.println("left in " + own + "; again: " + repeat);
    }
  }
}
