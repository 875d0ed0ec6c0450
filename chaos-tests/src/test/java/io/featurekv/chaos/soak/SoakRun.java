package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.soak.NodeProbe.Holdings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One cluster, one workload, and strikes of scenarios that share a layout, chosen at random by the
 * seed, until the time is over; then the verification.
 */
final class SoakRun {
  /** How long a cluster has to be healthy again once its processes are up (I11). */
  static final Duration CONVERGENCE = Duration.ofSeconds(30);

  /** A younger process has not started all its threads, nor filled its pools. */
  private static final long GROWN_UP_NANOS = TimeUnit.SECONDS.toNanos(45);

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
  private final Map<Long, Long> seenSinceNanos = new HashMap<>();
  private final Map<Long, Holdings> firstHoldings = new HashMap<>();

  /**
   * What to do.
   *
   * @param directory of this run alone
   * @param scenarios of one layout
   * @param minStrikes the run goes on until there were so many, however long it takes
   * @param convergence how long the cluster has to be healthy again
   */
  record Settings(
      Path directory,
      List<Scenario> scenarios,
      Profile profile,
      Duration time,
      int minStrikes,
      Duration convergence,
      long seed) {}

  /**
   * What came of it.
   *
   * @param strikes of all scenarios, whether they fired or not
   * @param seconds of the workload
   */
  record Result(
      long strikes,
      long reads,
      long changes,
      double seconds,
      SortedMap<String, EnumMap<History.Outcome, Long>> operations,
      SortedMap<String, Long> fired,
      SortedMap<String, Long> reachedPoints,
      List<Checks.Violation> violations,
      long violationCount) {}

  private SoakRun(Settings settings) throws IOException {
    this.settings = settings;
    Files.createDirectories(settings.directory());
    this.journal = new Journal(settings.directory().resolve("schedule.log"), startNanos);
    this.history = new History(settings.directory().resolve("history.tsv"), startNanos);
    this.checks = new Checks(journal);
    this.random = new Random(settings.seed());
  }

  static Result run(Settings settings) throws IOException, InterruptedException {
    SoakRun run = new SoakRun(settings);
    try {
      return run.run();
    } finally {
      run.history.close();
      run.journal.close();
    }
  }

  private Result run() throws IOException, InterruptedException {
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
        long strikes = strike(cluster, workload);
        double seconds = (System.nanoTime() - workNanos) / 1e9;
        workload.stop();
        cluster.heal();
        converge(cluster);
        new Verification(cluster, workload, history, checks).run();
        checkHoldings(cluster, workload);
        return result(cluster, workload, strikes, seconds);
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

  private long strike(ChaosCluster cluster, Workload workload)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + settings.time().toNanos();
    long strikes = 0;
    while (System.nanoTime() - end < 0 || strikes < settings.minStrikes()) {
      Scenario scenario =
          strikes < settings.scenarios().size()
              ? settings.scenarios().get((int) strikes)
              : settings.scenarios().get(random.nextInt(settings.scenarios().size()));
      Thread.sleep(random.nextInt(500));
      journal.note("strike " + scenario.name());
      try {
        scenario.strike(new Harm(cluster, random, journal, workload));
      } catch (IOException | RuntimeException e) {
        journal.note("the instrument of " + scenario.name() + " failed: " + e);
        throw new IOException("the instrument of " + scenario.name() + " failed", e);
      }
      strikes++;
      for (int index : cluster.unexpectedEnds()) {
        checks.violated(12, "n" + index + " ended by itself during " + scenario.name());
      }
      cluster.heal();
      converge(cluster);
      remember(cluster, workload);
    }
    return strikes;
  }

  /** Processes come up as the machine lets them; from then on the time counts. */
  private void converge(ChaosCluster cluster) {
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
      long now = System.nanoTime();
      long since = seenSinceNanos.computeIfAbsent(pid, p -> now);
      if (!firstHoldings.containsKey(pid) && now - since > GROWN_UP_NANOS) {
        workload.nodeWatch().probe().holdings(node).ifPresent(h -> firstHoldings.put(pid, h));
      }
    }
  }

  /** A process that has lived since an earlier strike holds about as much as it did then (I5). */
  private void checkHoldings(ChaosCluster cluster, Workload workload) throws InterruptedException {
    for (ServerNode node : cluster.servers()) {
      Holdings first = firstHoldings.get(node.process().pid());
      if (first == null) {
        continue;
      }
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
  }

  private static boolean isFlat(Holdings first, Holdings last) {
    return last.files() <= first.files() + MORE_FILES
        && last.maps() <= first.maps() + MORE_MAPS
        && last.threads() <= first.threads() + MORE_THREADS
        && last.directBytes() <= first.directBytes() + MORE_BYTES
        && last.nativeBytes() <= first.nativeBytes() + MORE_BYTES;
  }

  private Result result(ChaosCluster cluster, Workload workload, long strikes, double seconds)
      throws IOException {
    SortedMap<String, Long> reached = new TreeMap<>();
    FailpointOrders.reached(cluster.processes().directory(), cluster.servers())
        .forEach(point -> reached.put(point, 1L));
    return new Result(
        strikes,
        workload.reads(),
        workload.changes() + history.acknowledged("load"),
        seconds,
        history.counts(),
        journal.fired(),
        reached,
        checks.violations(),
        checks.count());
  }
}
