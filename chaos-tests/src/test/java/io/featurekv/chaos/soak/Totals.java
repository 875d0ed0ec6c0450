package io.featurekv.chaos.soak;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Sums of all clusters of a command, what they mean, and the table that shows them. */
final class Totals {
  /** Exit codes; 0 is for what passed. */
  static final int VIOLATED = 1;

  static final int VOID = 2;
  static final int BROKEN = 3;

  /** In so much time there is a fault, a load and an activation at least. */
  private static final double SECONDS_PER_LEAST = 120;

  private final boolean isNamed;
  private final SortedMap<String, String> notHere = new TreeMap<>();
  private final SortedMap<String, EnumMap<History.Outcome, Long>> operations = new TreeMap<>();
  private final SortedMap<String, Long> attempts = new TreeMap<>();
  private final SortedMap<String, Long> struck = new TreeMap<>();
  private final SortedMap<String, Long> fired = new TreeMap<>();
  private final SortedSet<String> points = new TreeSet<>();
  private final SortedMap<Integer, Long> violations = new TreeMap<>();
  private final List<String> tooLittle = new ArrayList<>();
  private final List<String> broken = new ArrayList<>();
  private long violationCount;
  private long provedKeys;
  private int compared;
  private double seconds;

  /**
   * With a zero for each scenario.
   *
   * @param isNamed whether each was asked for, so that one that is void makes the whole void; where
   *     all there are were asked for, the time may not be enough for each
   */
  Totals(List<Scenario> chosen, boolean isNamed) {
    this.isNamed = isNamed;
    for (Scenario scenario : chosen) {
      attempts.put(scenario.name(), 0L);
      struck.put(scenario.name(), 0L);
      scenario.layout().missing().ifPresent(why -> notHere.put(scenario.name(), why));
    }
  }

  long attempts(Scenario scenario) {
    return attempts.getOrDefault(scenario.name(), 0L);
  }

  boolean isBroken() {
    return !broken.isEmpty();
  }

  /** Returns what there was too little of, to say something. */
  List<String> add(SoakRun.Result result, List<Scenario> group, int wantedStrikes) {
    add(result);
    List<String> missing = missing(result, group, wantedStrikes);
    tooLittle.addAll(missing);
    return missing;
  }

  /** Takes what a run did and found before it broke off. */
  void addBroken(SoakRun.Result result, String why) {
    add(result);
    broken.add(why);
  }

  private void add(SoakRun.Result result) {
    seconds += result.seconds();
    compared += result.compared();
    provedKeys += result.done().provedKeys();
    violationCount += result.violationCount();
    result.violations().forEach(each -> violations.merge(each.invariant(), 1L, Long::sum));
    result.attempts().forEach((name, count) -> attempts.merge(name, count, Long::sum));
    result.struck().forEach((name, count) -> struck.merge(name, count, Long::sum));
    result.fired().forEach((kind, count) -> fired.merge(kind, count, Long::sum));
    points.addAll(result.reachedPoints());
    result
        .operations()
        .forEach(
            (kind, ends) ->
                ends.forEach(
                    (end, count) ->
                        operations
                            .computeIfAbsent(kind, k -> new EnumMap<>(History.Outcome.class))
                            .merge(end, count, Long::sum)));
  }

  private static List<String> missing(
      SoakRun.Result result, List<Scenario> group, int wantedStrikes) {
    List<String> missing = new ArrayList<>();
    long allFired = result.fired().values().stream().mapToLong(Long::longValue).sum();
    Scenario.Least least =
        group.stream()
            .map(Scenario::least)
            .min(Comparator.comparingLong(Scenario.Least::strikes))
            .orElseThrow();
    long parts = (long) (result.seconds() / SECONDS_PER_LEAST);
    boolean isIdle =
        Math.min(allFired, Math.min(result.done().loads(), result.done().activations())) < parts;
    if (isIdle || allFired < least.strikes() || !result.done().reaches(least.done())) {
      missing.add(
          allFired
              + " faults, "
              + result.done()
              + "; at least "
              + least
              + " and "
              + parts
              + " each");
    }
    result
        .struck()
        .forEach(
            (name, count) -> {
              if (count < wantedStrikes) {
                missing.add(
                    name
                        + " fired "
                        + count
                        + " times in "
                        + result.attempts().get(name)
                        + " strikes, wanted "
                        + wantedStrikes);
              }
            });
    return missing;
  }

  /** Why nothing is known of a scenario; empty where its fault really struck. */
  private Optional<String> whyVoid(String name) {
    if (struck.get(name) > 0) {
      return Optional.empty();
    }
    if (notHere.containsKey(name)) {
      return Optional.of("void: " + notHere.get(name));
    }
    return Optional.of(attempts.get(name) == 0 ? "void: had no chance" : "void: never fired");
  }

  private List<String> voidScenarios() {
    return struck.keySet().stream().filter(name -> whyVoid(name).isPresent()).toList();
  }

  String text() {
    StringBuilder text = new StringBuilder("\noperation                  OK   refused   unknown\n");
    operations.forEach(
        (kind, ends) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-20s %9d %9d %9d%n",
                    kind,
                    ends.getOrDefault(History.Outcome.OK, 0L),
                    ends.getOrDefault(History.Outcome.REFUSED, 0L),
                    ends.getOrDefault(History.Outcome.UNKNOWN, 0L))));
    text.append("\nscenario               strikes    fired\n");
    attempts.forEach(
        (name, count) ->
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-22s %7d %8d  %s",
                            name,
                            count,
                            struck.get(name),
                            whyVoid(name).orElse(""))
                        .stripTrailing())
                .append('\n'));
    text.append("\nfault                   fired\n");
    fired.forEach(
        (kind, count) -> text.append(String.format(Locale.ROOT, "%-20s %8d%n", kind, count)));
    text.append(
        String.format(
            Locale.ROOT,
            "%n%d strikes in %.0f s, %d keys proved, %d failpoints reached, %d processes held"
                + " against themselves, %d violations%s%n",
            attempts.values().stream().mapToLong(Long::longValue).sum(),
            seconds,
            provedKeys,
            points.size(),
            compared,
            violationCount,
            violations.isEmpty() ? "" : " by invariant " + violations));
    List<String> never = voidScenarios();
    text.append(
        never.isEmpty() ? "" : "never fired, so not tested: " + String.join(", ", never) + "\n");
    tooLittle.forEach(what -> text.append("VOID: ").append(what).append('\n'));
    broken.forEach(what -> text.append("BROKEN OFF: ").append(what).append('\n'));
    text.append(
        switch (exitCode()) {
          case VIOLATED -> "NOT PASSED\n";
          case BROKEN -> "broken off\n";
          case VOID -> "void\n";
          default ->
              never.isEmpty()
                  ? "passed\n"
                  : "passed, but for " + never.size() + " scenarios that are void\n";
        });
    return text.toString();
  }

  int exitCode() {
    if (violationCount > 0) {
      return VIOLATED;
    }
    if (isBroken()) {
      return BROKEN;
    }
    return tooLittle.isEmpty() && !(isNamed && !voidScenarios().isEmpty()) ? 0 : VOID;
  }
}
