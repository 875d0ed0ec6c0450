package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.soak.NodeProbe.Holdings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One cluster, one workload, and strikes of scenarios that share a layout, chosen at random by the
 * seed, until the time is over; then the verification.
 */
final class SoakRun {
  /** How long a cluster has to be healthy again once its processes are up (I11). */
  static final Duration CONVERGENCE = Duration.ofSeconds(30);

  /** A younger process has not started all its threads, nor filled its pools. */
  private static final Duration GROWN_UP = Duration.ofSeconds(45);

  /** Chances of a scenario for each time that it has to fire. */
  private static final int MAX_ATTEMPTS = 3;

  /** A run that waits for strikes ends all the same, and is void. */
  private static final Duration LONGEST_STRIKE = Duration.ofMinutes(4);

  private static final long MORE_FILES = 40;
  private static final long MORE_MAPS = 80;
  private static final long MORE_THREADS = 25;
  private static final long MORE_BYTES = 64L << 20;
  private static final String[] SECTS = {"a", "a", "b"};

  private final Settings settings;
  private final long startNanos = System.nanoTime();
  private final Journal journal;
  private final Checks checks;
  private final History history;
  private final Random random;
  private final SortedMap<String, Long> attempts = new TreeMap<>();
  private final SortedMap<String, Long> struck = new TreeMap<>();
  private final Map<Long, Holdings> firstHoldings = new HashMap<>();
  private SortedMap<String, EnumMap<History.Outcome, Long>> operations = new TreeMap<>();
  private Scenario.Done done = new Scenario.Done(0, 0, 0, 0, 0, 0);
  private Set<String> reachedPoints = Set.of();
  private double seconds;
  private int compared;

  /**
   * What to do.
   *
   * @param directory of this run alone
   * @param scenarios of one layout, in the order in which they strike first
   * @param wantedStrikes the run goes on until each scenario fired so often, or had {@link
   *     #MAX_ATTEMPTS} times as many chances
   * @param convergence how long the cluster has to be healthy again
   */
  record Settings(
      Path directory,
      List<Scenario> scenarios,
      Profile profile,
      Duration time,
      int wantedStrikes,
      Duration convergence,
      long seed) {}

  /**
   * What came of it.
   *
   * @param attempts strikes of each scenario, whether they fired or not
   * @param struck strikes of each scenario that fired
   * @param done while the scenarios struck
   * @param seconds of the workload
   * @param operations of the clients, set-up and verification left out
   * @param compared processes that lived long enough to be held against themselves (I5)
   */
  record Result(
      SortedMap<String, Long> attempts,
      SortedMap<String, Long> struck,
      Scenario.Done done,
      double seconds,
      int compared,
      SortedMap<String, EnumMap<History.Outcome, Long>> operations,
      SortedMap<String, Long> fired,
      Set<String> reachedPoints,
      List<Checks.Violation> violations,
      long violationCount) {}

  /** A run that could not go on. */
  static final class BrokenOff extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Result result;

    BrokenOff(Throwable why, Result result) {
      super(why.toString(), why);
      this.result = result;
    }

    /** What was done and found until then. */
    Result result() {
      return result;
    }
  }

  private SoakRun(Settings settings) throws IOException {
    this.settings = settings;
    Files.createDirectories(settings.directory());
    this.journal = new Journal(settings.directory().resolve("schedule.log"), startNanos);
    this.history = new History(settings.directory().resolve("history.tsv"), startNanos);
    this.checks = new Checks(journal);
    this.random = new Random(settings.seed());
    settings.scenarios().forEach(scenario -> attempts.put(scenario.name(), 0L));
    settings.scenarios().forEach(scenario -> struck.put(scenario.name(), 0L));
  }

  static Result run(Settings settings) throws IOException, BrokenOff, InterruptedException {
    SoakRun run = new SoakRun(settings);
    try {
      run.run();
      return run.result();
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new BrokenOff(e, run.result());
    } finally {
      run.history.close();
      run.journal.close();
    }
  }

  private void run() throws IOException, InterruptedException {
    journal.note("seed " + settings.seed() + ", layout " + layout().name());
    Path servers = settings.directory().resolve("servers");
    Files.createDirectories(servers);
    try (ChaosCluster cluster =
        ChaosCluster.start(servers, layout(), node -> configure(servers, node), SECTS)) {
      journal.note("the cluster is healthy");
      try (Workload workload =
          Workload.start(
              cluster,
              settings.directory().resolve("inputs"),
              settings.profile(),
              history,
              checks,
              settings.seed())) {
        long workNanos = System.nanoTime();
        SortedMap<String, EnumMap<History.Outcome, Long>> before = history.counts();
        try {
          strike(cluster, workload);
        } finally {
          seconds = (System.nanoTime() - workNanos) / 1e9;
          operations = history.countsSince(before);
          done = done(workload, operations);
          reachedPoints = FailpointOrders.reached(servers, cluster.servers());
        }
        workload.stop();
        checkEnds(cluster, "after the last strike");
        cluster.heal();
        converge(cluster);
        new Verification(cluster, workload, history, checks).run();
        compared = checkHoldings(cluster, workload);
        checkEnds(cluster, "during the verification");
        reachedPoints = FailpointOrders.reached(servers, cluster.servers());
      }
    }
  }

  private Layout layout() {
    return settings.scenarios().getFirst().layout();
  }

  /** Everything that takes minutes in production takes seconds here, and starts are quick. */
  private static void configure(Path directory, ServerNode node) {
    List<String> options = new ArrayList<>(FailpointOrders.options(directory, node.id()));
    options.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ErrorFile=" + directory.resolve("hs_err_" + node.id() + "_%p.log"),
            "-Dfeaturekv.merge.files=2",
            "-Dfeaturekv.grace.millis=3000",
            "-Dfeaturekv.raft.snapshot.entries=200",
            "-Dfeaturekv.scrub.period.millis=1000"));
    node.javaOptions(options.toArray(String[]::new));
  }

  /** Each in turn; the first time in the order given, then in orders that are drawn. */
  private void strike(ChaosCluster cluster, Workload workload)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    long wanted = (long) settings.wantedStrikes() * settings.scenarios().size();
    long most = settings.time().plus(LONGEST_STRIKE.multipliedBy(wanted)).toNanos();
    Deque<Scenario> next = new ArrayDeque<>();
    while (true) {
      long passed = System.nanoTime() - start;
      boolean isTimeOver = passed >= settings.time().toNanos();
      if (isTimeOver
          && (passed >= most || settings.scenarios().stream().noneMatch(this::isShort))) {
        return;
      }
      if (next.isEmpty()) {
        List<Scenario> order = new ArrayList<>(settings.scenarios());
        if (attempts.values().stream().anyMatch(count -> count > 0)) {
          Collections.shuffle(order, random);
        }
        next.addAll(order);
      }
      Scenario scenario = next.remove();
      if (!isTimeOver || isShort(scenario)) {
        strike(scenario, cluster, workload);
      }
    }
  }

  private boolean isShort(Scenario scenario) {
    long wanted = settings.wantedStrikes();
    return struck.get(scenario.name()) < wanted
        && attempts.get(scenario.name()) < MAX_ATTEMPTS * wanted;
  }

  private void strike(Scenario scenario, ChaosCluster cluster, Workload workload)
      throws IOException, InterruptedException {
    Thread.sleep(random.nextInt(500));
    journal.note("strike " + scenario.name());
    SortedMap<String, Long> before = journal.fired();
    try {
      scenario.strike(new Harm(cluster, random, journal, workload, checks));
    } catch (IOException | RuntimeException e) {
      journal.note("the instrument of " + scenario.name() + " failed: " + e);
      throw new IOException("the instrument of " + scenario.name() + " failed", e);
    }
    attempts.merge(scenario.name(), 1L, Long::sum);
    if (hasFired(scenario, before)) {
      struck.merge(scenario.name(), 1L, Long::sum);
    }
    checkEnds(cluster, "during " + scenario.name());
    cluster.heal();
    converge(cluster);
    checkEnds(cluster, "after " + scenario.name());
    remember(cluster, workload);
  }

  /** What is named after another scenario was not what this one is for. */
  private boolean hasFired(Scenario scenario, SortedMap<String, Long> before) {
    return journal.fired().entrySet().stream()
        .filter(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L))
        .anyMatch(
            now ->
                now.getKey().equals(scenario.name())
                    || Catalog.all().stream()
                        .noneMatch(other -> other.name().equals(now.getKey())));
  }

  private void checkEnds(ChaosCluster cluster, String when) {
    cluster.unexpectedEnds().forEach(end -> checks.violated(12, end + ", " + when));
  }

  /** A server that a failpoint has ended late is started, and all is waited for once more. */
  private void converge(ChaosCluster cluster) {
    awaitUpAndHealthy(cluster);
    boolean isComplete = true;
    for (int i = 0; i < cluster.servers().size(); i++) {
      if (!cluster.processes().isAlive(i)) {
        cluster.start(i);
        isComplete = false;
      }
    }
    if (!isComplete) {
      awaitUpAndHealthy(cluster);
    }
  }

  /** Processes come up as the machine lets them; from then on the time counts. */
  private void awaitUpAndHealthy(ChaosCluster cluster) {
    for (int i = 0; i < cluster.servers().size(); i++) {
      if (!isUp(cluster, i)) {
        throw new AssertionError("n" + i + " does not come up again");
      }
    }
    cluster.endExpectations();
    long start = System.nanoTime();
    try {
      cluster.awaitHealthy(settings.convergence());
      journal.note("healthy after " + (System.nanoTime() - start) / 1_000_000 + " ms");
    } catch (ConditionTimeoutException e) {
      checks.violated(
          11,
          "not healthy "
              + settings.convergence().toSeconds()
              + " s after the harm: "
              + cluster.problemsNow());
      giveUpWaiting(cluster);
    }
  }

  /** A server that was ended while it was looked at is started once more. */
  private boolean isUp(ChaosCluster cluster, int index) {
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        cluster.processes().awaitAnswer(index);
        return true;
      } catch (AssertionError | ConditionTimeoutException e) {
        if (attempt == 0 && cluster.mayHaveEnded(index)) {
          cluster.start(index);
        } else {
          checks.violated(11, "n" + index + " does not come up again: " + e.getMessage());
          return false;
        }
      }
    }
    return false;
  }

  /** Whether it comes at all is worth knowing, and what follows needs it. */
  private void giveUpWaiting(ChaosCluster cluster) {
    try {
      cluster.awaitHealthy(ProcessCluster.PATIENCE);
      journal.note("healthy later");
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("the cluster never got healthy again: " + cluster.problemsNow(), e);
    }
  }

  private void remember(ChaosCluster cluster, Workload workload) {
    for (ServerNode node : cluster.servers()) {
      long pid = node.process().pid();
      boolean isGrownUp =
          node.process()
              .info()
              .startInstant()
              .filter(start -> start.plus(GROWN_UP).isBefore(Instant.now()))
              .isPresent();
      if (!firstHoldings.containsKey(pid) && isGrownUp) {
        workload.nodeWatch().probe().holdings(node).ifPresent(h -> firstHoldings.put(pid, h));
      }
    }
  }

  /**
   * A process that has lived since an earlier strike holds about as much as it did then (I5);
   * returns how many have.
   */
  private int checkHoldings(ChaosCluster cluster, Workload workload) throws InterruptedException {
    int compared = 0;
    for (ServerNode node : cluster.servers()) {
      Holdings first = firstHoldings.get(node.process().pid());
      if (first == null) {
        continue;
      }
      compared++;
      Optional<Holdings> last = Optional.empty();
      for (int attempt = 0; attempt < 20; attempt++) {
        last = workload.nodeWatch().probe().holdings(node);
        if (last.isPresent() && isFlat(first, last.get())) {
          journal.note(node.id() + " held " + first + " and holds " + last.get());
          break;
        }
        // Replaced chains stay open for a while.
        Thread.sleep(500);
      }
      if (last.isEmpty() || !isFlat(first, last.get())) {
        checks.violated(5, node.id() + " held " + first + " and holds " + last);
      }
    }
    journal.note(compared + " processes were held against what they held before");
    return compared;
  }

  private static boolean isFlat(Holdings first, Holdings last) {
    return last.files() <= first.files() + MORE_FILES
        && last.maps() <= first.maps() + MORE_MAPS
        && last.threads() <= first.threads() + MORE_THREADS
        && last.directBytes() <= first.directBytes() + MORE_BYTES
        && last.nativeBytes() <= first.nativeBytes() + MORE_BYTES;
  }

  private static Scenario.Done done(
      Workload workload, SortedMap<String, EnumMap<History.Outcome, Long>> operations) {
    long loads =
        acknowledged(operations, kind -> kind.startsWith("load") || kind.startsWith("increment"));
    return new Scenario.Done(
        workload.reads(),
        workload.proved(),
        acknowledged(operations, kind -> !kind.equals("read")),
        loads,
        acknowledged(operations, kind -> kind.equals("activate") || kind.equals("swap")),
        acknowledged(operations, kind -> kind.equals("rollback")));
  }

  private static long acknowledged(
      SortedMap<String, EnumMap<History.Outcome, Long>> operations, Predicate<String> isCounted) {
    return operations.entrySet().stream()
        .filter(kind -> isCounted.test(kind.getKey()))
        .mapToLong(kind -> kind.getValue().getOrDefault(History.Outcome.OK, 0L))
        .sum();
  }

  private Result result() {
    return new Result(
        attempts,
        struck,
        done,
        seconds,
        compared,
        operations,
        journal.fired(),
        reachedPoints,
        checks.violations(),
        checks.count());
  }
}
