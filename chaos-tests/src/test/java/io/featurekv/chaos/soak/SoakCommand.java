package io.featurekv.chaos.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** {@code chaos-tests/soak}: real servers under faults for long, alone or mixed. */
final class SoakCommand {
  private static final int USAGE = 64;
  private static final int VOID = 2;
  private static final Duration CHUNK = Duration.ofMinutes(4);
  private static final Duration FULL_TIME = Duration.ofHours(8);
  private static final int FULL_STRIKES = 100;
  private static final String HELP =
      """
      Examples:
        chaos-tests/soak --minutes 40 --seed 7               all scenarios that this machine can have, mixed
        chaos-tests/soak --scenario kill-at-ship --strikes 10  one alone, until it has struck ten times
        chaos-tests/soak --list                              what there is, and what is missing here
        chaos-tests/soak --full                              the long form of all, with simulate and lin-kv: days

      Starts three servers in two sects, loads, activates, rolls back, drops and reads versions whose values
      prove themselves, and harms the servers meanwhile. docs/reliability.md has the invariants and the faults.

      Exits with 0 when no invariant was violated, 1 when one was, and 2 when too little happened to say
      anything. A run that is not clean leaves its directory, which is named: seed, schedule, history, the
      servers' logs, and the command that repeats it.

      Options:
        --minutes N        how long in all; 10 unless said otherwise
        --seed N           of all choices; drawn and printed unless said otherwise
        --scenario NAME    only this one; may be given several times, and end in * for all that begin so
        --strikes N        go on with each cluster until there were so many strikes
        --list             names the scenarios and ends
        --full             the long form
        --dir DIRECTORY    where runs keep their files; chaos-tests/target
        -h, --help
      """;

  private final List<String> names = new ArrayList<>();
  private Duration time = Duration.ofMinutes(10);
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
    SoakCommand command = new SoakCommand();
    try {
      command.read(words);
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
        default -> {
          i++;
          set(word, i < words.size() ? words.get(i) : "");
        }
      }
    }
  }

  private void set(String name, String value) {
    switch (name) {
      case "--minutes" -> time = Duration.ofMillis((long) (60_000 * number(name, value)));
      case "--seed" -> seed = (long) number(name, value);
      case "--strikes" -> strikes = (int) number(name, value);
      case "--scenario" -> names.add(value);
      case "--dir" -> directory = Path.of(value);
      default ->
          throw new IllegalArgumentException("unknown option '" + name + "'; --help lists them");
    }
  }

  private static double number(String name, String value) {
    try {
      return name.equals("--minutes") ? Double.parseDouble(value) : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": '" + value + "' is not a number", e);
    }
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
    return chosen;
  }

  private int run() throws IOException, InterruptedException {
    if (isList) {
      list();
      return 0;
    }
    Collection<List<Scenario>> groups = groups(chosen());
    if (groups.isEmpty()) {
      System.out.println("VOID: nothing of it can be had on this machine");
      return VOID;
    }
    System.out.printf("seed %d%n", seed);
    int worst = mixed(groups, isFull ? FULL_TIME : time);
    if (isFull && worst == 0) {
      strikes = FULL_STRIKES;
      time = Duration.ZERO;
      for (Scenario scenario : Catalog.all()) {
        boolean isStage = scenario.name().startsWith("kill-at-");
        worst = isStage ? Math.max(worst, mixed(List.of(List.of(scenario)), time)) : worst;
      }
    }
    return worst;
  }

  private static void list() {
    for (Scenario scenario : Catalog.all()) {
      System.out.printf(
          "%-22s faults %-8s %s%n%s",
          scenario.name(),
          scenario.faults(),
          scenario.about(),
          scenario
              .layout()
              .missing()
              .map(why -> "%-22s NOT HERE: %s%n".formatted("", why))
              .orElse(""));
    }
  }

  /** Those that can be had, by layout; says which cannot. */
  private static Collection<List<Scenario>> groups(List<Scenario> scenarios) {
    Map<String, List<Scenario>> groups = new LinkedHashMap<>();
    for (Scenario scenario : scenarios) {
      if (scenario.layout().missing().isPresent()) {
        System.out.printf(
            "skipped, not passed: %s: %s%n", scenario.name(), scenario.layout().missing().get());
      } else {
        groups.computeIfAbsent(scenario.layout().name(), l -> new ArrayList<>()).add(scenario);
      }
    }
    return groups.values();
  }

  /** Clusters of all layouts in turn, each for a share of the time. */
  private int mixed(Collection<List<Scenario>> groups, Duration whole)
      throws IOException, InterruptedException {
    long rounds = Math.max(1, whole.toMillis() / Math.max(1, CHUNK.toMillis() * groups.size()));
    Duration share = whole.dividedBy(rounds * groups.size());
    Random seeds = new Random(seed);
    Totals totals = new Totals();
    for (long round = 0; round < rounds; round++) {
      for (List<Scenario> group : groups) {
        long chunkSeed = rounds * groups.size() == 1 ? seed : seeds.nextLong() >>> 1;
        totals.add(chunk(group, share, chunkSeed), group);
      }
    }
    System.out.print(totals.text());
    return totals.exitCode(strikes);
  }

  private SoakRun.Result chunk(List<Scenario> group, Duration share, long chunkSeed)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path own = Files.createTempDirectory(directory, "soak-").toAbsolutePath();
    String repeat =
        "chaos-tests/soak --seed %d --minutes %.1f --strikes %d%s"
            .formatted(
                chunkSeed,
                share.toMillis() / 60_000.0,
                strikes,
                String.join("", group.stream().map(each -> " --scenario " + each.name()).toList()));
    Files.writeString(own.resolve("run.txt"), repeat + "\n");
    System.out.printf(
        Locale.ROOT,
        "layout %s, %d scenarios, %.1f min, seed %d, files in %s%n",
        group.getFirst().layout().name(),
        group.size(),
        share.toMillis() / 60_000.0,
        chunkSeed,
        own);
    SoakRun.Result result;
    try {
      result =
          SoakRun.run(
              new SoakRun.Settings(
                  own, group, Profile.SMALL, share, strikes, SoakRun.CONVERGENCE, chunkSeed));
    } catch (IOException | RuntimeException | AssertionError e) {
      System.out.println("BROKEN OFF: " + e + "\nleft in " + own + "; again: " + repeat);
      throw e;
    }
    if (result.violationCount() == 0) {
      delete(own);
    } else {
      result.violations().forEach(each -> System.out.println("VIOLATION " + each));
      System.out.println("left in " + own + "; again: " + repeat);
    }
    return result;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  /** Sums of all clusters of a run. */
  private static final class Totals {
    private final SortedMap<String, EnumMap<History.Outcome, Long>> operations = new TreeMap<>();
    private final SortedMap<String, Long> fired = new TreeMap<>();
    private final SortedMap<String, Long> points = new TreeMap<>();
    private final SortedMap<Integer, Long> violations = new TreeMap<>();
    private final List<String> tooLittle = new ArrayList<>();
    private long strikes;
    private long violationCount;
    private double seconds;

    void add(SoakRun.Result result, List<Scenario> group) {
      strikes += result.strikes();
      seconds += result.seconds();
      violationCount += result.violationCount();
      result.violations().forEach(each -> violations.merge(each.invariant(), 1L, Long::sum));
      result.fired().forEach((kind, count) -> fired.merge(kind, count, Long::sum));
      points.putAll(result.reachedPoints());
      result
          .operations()
          .forEach(
              (kind, ends) ->
                  ends.forEach(
                      (end, count) ->
                          operations
                              .computeIfAbsent(kind, k -> new EnumMap<>(History.Outcome.class))
                              .merge(end, count, Long::sum)));
      long allFired = result.fired().values().stream().mapToLong(Long::longValue).sum();
      Scenario.Least least =
          group.stream()
              .map(Scenario::least)
              .min(Comparator.comparingLong(Scenario.Least::strikes))
              .orElseThrow();
      if (allFired < least.strikes()
          || result.reads() < least.reads()
          || result.changes() < least.changes()) {
        tooLittle.add(
            "%d faults, %d reads, %d changes; at least %s"
                .formatted(allFired, result.reads(), result.changes(), least));
      }
    }

    String text() {
      StringBuilder text =
          new StringBuilder("\noperation                  OK   refused   unknown\n");
      operations.forEach(
          (kind, ends) ->
              text.append(
                  "%-20s %9d %9d %9d%n"
                      .formatted(
                          kind,
                          ends.getOrDefault(History.Outcome.OK, 0L),
                          ends.getOrDefault(History.Outcome.REFUSED, 0L),
                          ends.getOrDefault(History.Outcome.UNKNOWN, 0L))));
      text.append("\nfault                   fired\n");
      fired.forEach((kind, count) -> text.append("%-20s %8d%n".formatted(kind, count)));
      text.append(
          "\n%d strikes in %.0f s, %d failpoints reached, %d violations%s%n"
              .formatted(
                  strikes,
                  seconds,
                  points.size(),
                  violationCount,
                  violations.isEmpty() ? "" : " by invariant " + violations));
      tooLittle.forEach(what -> text.append("VOID: ").append(what).append('\n'));
      text.append(
          violationCount > 0 ? "NOT PASSED\n" : tooLittle.isEmpty() ? "passed\n" : "void\n");
      return text.toString();
    }

    int exitCode(int wantedStrikes) {
      long all = fired.values().stream().mapToLong(Long::longValue).sum();
      return violationCount > 0
          ? 1
          : tooLittle.isEmpty() && all >= Math.min(1, wantedStrikes) ? 0 : VOID;
    }
  }
}
