package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.FeatureKvProcess.Outcome;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command.ActivateVersion;
import io.featurekv.metadata.Command.Rollback;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Three servers in two sects and {@code bench read --verify}, which checks every answer, while
 * versions are swapped, new ones loaded, and servers killed one after the other.
 *
 * <p>Three threads do harm beside the reads: one activates or rolls back, one loads versions and
 * leaves them for the first, one kills a server and starts it again. Only one server is down at any
 * time.
 */
final class ReadsUnderFaults implements AutoCloseable {
  private static final String TABLE = "t";
  private static final int FIRST_VERSIONS = 2;
  private static final double LEAST_SHARE = 0.2;
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
  private static final long STOP_SECONDS = 120;

  private final Settings settings;
  private final ProcessCluster cluster;
  private final ClusterAdmin admin;
  private final AtomicLong swaps = new AtomicLong();
  private final AtomicLong swapsRefused = new AtomicLong();
  private final AtomicLong loads = new AtomicLong();
  private final AtomicLong kills = new AtomicLong();
  private final List<ScheduledExecutorService> threads = new ArrayList<>();
  private volatile boolean isStopped;
  private volatile String trouble = "";

  /**
   * What to do.
   *
   * @param batches how many count; 0: as many as come in the duration
   * @param rate keys a second, or max: two open batches on each of two connections
   * @param timeout of a batch
   * @param least null: a share of what the periods would allow
   * @param isLoud whether the reader's progress goes to standard error
   */
  record Settings(
      long batches,
      Duration duration,
      int batch,
      long entries,
      String rate,
      Duration timeout,
      Duration swapEvery,
      Duration loadEvery,
      Duration killEvery,
      Least least,
      long seed,
      boolean isLoud) {}

  /** How much has to happen, or the run says nothing. */
  record Least(long swaps, long loads, long kills) {
    /** So much of what the periods would allow in a time, and one of each; a load takes long. */
    static Least share(double share, double seconds, Settings settings) {
      return new Least(
          least(share * seconds, settings.swapEvery()),
          1,
          least(share * seconds, settings.killEvery()));
    }

    private static long least(double seconds, Duration period) {
      return Math.max(1, (long) (seconds / (period.toMillis() / 1e3)));
    }
  }

  /**
   * What came of it.
   *
   * @param failed keys
   * @param mixed batches with a value that is not of the version which the reply names
   * @param wrong batches with a key FOUND that is nowhere, or ABSENT though it is there
   * @param swapsRefused by the cluster, because no leader was there or the version was not
   * @param problem why the run says nothing, or what went wrong; empty when all is well
   */
  record Result(
      long batches,
      long keys,
      long failed,
      long mixed,
      long wrong,
      long swaps,
      long swapsRefused,
      long loads,
      long kills,
      double seconds,
      double worstMillis,
      String problem) {}

  private ReadsUnderFaults(Settings settings, ProcessCluster cluster, ClusterAdmin admin) {
    this.settings = settings;
    this.cluster = cluster;
    this.admin = admin;
  }

  /** Starts the servers and loads the first versions. */
  static ReadsUnderFaults prepare(Path directory, Settings settings) {
    ProcessCluster cluster = ProcessCluster.start(directory, "a", "a", "b");
    try {
      cluster
          .cli("table", "create", TABLE, "--kind", "mem", "--shards", "4", "--retain", "4")
          .succeeds();
      ClusterAdmin admin =
          ClusterAdmin.connect(
              cluster.endpoints().stream().map(Endpoint::parse).toList(), CALL_TIMEOUT);
      ReadsUnderFaults faults = new ReadsUnderFaults(settings, cluster, admin);
      for (int version = 1; version <= FIRST_VERSIONS; version++) {
        faults.load(version).succeeds();
      }
      return faults;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private Outcome load(long version, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("load", TABLE, "generate:" + settings.entries() + "?version=" + version));
    words.addAll(List.of(more));
    return cluster.cli(words.toArray(String[]::new));
  }

  /** Reads so many batches while harm is done. */
  Result run() throws IOException, InterruptedException {
    Path out = Files.createTempFile(cluster.directory(), "bench", ".json");
    long start = System.nanoTime();
    Random swapped = new Random(settings.seed());
    Random victims = new Random(settings.seed() + 1);
    Process reader = startReader(out);
    try {
      again("swaps", settings.swapEvery(), settings.swapEvery(), () -> swapIfPossible(swapped));
      again("loads", Duration.ZERO, settings.loadEvery(), this::loadNext);
      again("kills", settings.killEvery(), settings.killEvery(), () -> killOne(victims));
      reader.waitFor();
    } finally {
      reader.destroyForcibly();
      stopHarm();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return result(reader.exitValue(), Files.readString(out), seconds);
  }

  private Process startReader(Path out) throws IOException {
    ProcessBuilder reader =
        FeatureKvProcess.command(
            List.of(
                "bench",
                "read",
                "--verify",
                "--table",
                TABLE,
                "--entries",
                Long.toString(settings.entries()),
                "--batches",
                Long.toString(settings.batches()),
                "--duration",
                settings.duration().toMillis() + "ms",
                "--timeout",
                settings.timeout().toMillis() + "ms",
                "--batch",
                Integer.toString(settings.batch()),
                "--rate",
                settings.rate(),
                "--warmup",
                "1s",
                "--absent",
                "0.05",
                "--connections",
                "2",
                "--in-flight",
                settings.rate().equals("max") ? "2" : "256",
                "--seed",
                Long.toString(settings.seed()),
                "-o",
                "json",
                "--endpoint",
                String.join(",", cluster.endpoints())));
    return reader
        .redirectOutput(out.toFile())
        .redirectError(
            settings.isLoud()
                ? ProcessBuilder.Redirect.INHERIT
                : ProcessBuilder.Redirect.to(
                    cluster.directory().resolve("bench-read.log").toFile()))
        .start();
  }

  /** Does harm in a thread of its own, with a pause after each time. */
  private void again(String name, Duration first, Duration pause, Runnable harm) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name(name).factory());
    threads.add(thread);
    thread.scheduleWithFixedDelay(
        () -> {
          try {
            harm.run();
          } catch (AssertionError | RuntimeException e) {
            reportTrouble(e);
          }
        },
        first.toNanos(),
        pause.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  private void stopHarm() throws InterruptedException {
    isStopped = true;
    threads.forEach(ScheduledExecutorService::shutdownNow);
    for (ScheduledExecutorService thread : threads) {
      thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Result result(int exitCode, String json, double seconds) {
    if (json.isBlank()) {
      return new Result(
          0,
          0,
          0,
          0,
          0,
          swaps.get(),
          swapsRefused.get(),
          loads.get(),
          kills.get(),
          seconds,
          0,
          "bench read ended with " + exitCode + " and no report");
    }
    Json report = Json.parse(json);
    Json warmup = report.at("warmup");
    long mixed = report.at("mixed").number() + warmup.at("mixed").number();
    long wrong = report.at("wrong").number() + warmup.at("wrong").number();
    long failed = report.at("failed").number() + warmup.at("failed").number();
    String problem = trouble;
    if (exitCode != 0) {
      problem = "bench read ended with " + exitCode + ": " + report.at("notes").list();
    } else if (problem.isEmpty()) {
      problem = reasonToIgnore(seconds);
    }
    return new Result(
        report.at("batches").number(),
        report.at("keys").number(),
        failed,
        mixed,
        wrong,
        swaps.get(),
        swapsRefused.get(),
        loads.get(),
        kills.get(),
        seconds,
        report.at("latencyMicros").at("max").number() / 1e3,
        problem);
  }

  private String reasonToIgnore(double seconds) {
    Least least =
        settings.least() == null ? Least.share(LEAST_SHARE, seconds, settings) : settings.least();
    if (swaps.get() < least.swaps() || loads.get() < least.loads() || kills.get() < least.kills()) {
      return "too little happened to say anything: expected at least " + least;
    }
    return "";
  }

  private void swapIfPossible(Random random) {
    try {
      swap(random);
      swaps.incrementAndGet();
    } catch (FeatureKvException e) {
      // Its leader was killed, or the version was collected meanwhile.
      swapsRefused.incrementAndGet();
    }
  }

  private void swap(Random random) {
    TableRecord table = table();
    List<Long> others = new ArrayList<>();
    boolean hasRetained = false;
    for (VersionRecord version : table.versions().values()) {
      boolean isRetained = version.state() == VersionState.RETAINED;
      if (isRetained
          || version.state() == VersionState.READY
          || version.state() == VersionState.ROLLED_BACK) {
        others.add(version.number());
        hasRetained |= isRetained && version.number() < table.activeVersion();
      }
    }
    if (hasRetained && random.nextInt(4) == 0) {
      admin.propose(new Rollback(TABLE, 0));
    } else if (!others.isEmpty()) {
      admin.propose(new ActivateVersion(TABLE, others.get(random.nextInt(others.size()))));
    }
  }

  private TableRecord table() {
    ClusterMetadata metadata = admin.read().metadata();
    return metadata.tables().get(TABLE);
  }

  private void loadNext() {
    try {
      // Values are those of the number that the version gets: only this thread loads.
      long version = table().nextVersion();
      Outcome outcome = load(version, "--no-activate", "--timeout", "60s");
      loads.addAndGet(outcome.exitCode() == 0 ? 1 : 0);
    } catch (FeatureKvException e) {
      // Its leader was killed.
    }
  }

  /**
   * Kills a server and starts it again: at once, or when the cluster has noticed. The first is that
   * which leads, and is noticed. The cluster is healthy again only once it knows the new process:
   * until then it may not have missed the old.
   */
  private void killOne(Random random) {
    boolean isFirst = kills.get() == 0;
    int victim = isFirst ? cluster.leader() : random.nextInt(cluster.size());
    long killed = sessionOf(victim);
    cluster.kill(victim);
    kills.incrementAndGet();
    if (isFirst || random.nextBoolean()) {
      await()
          .atMost(ProcessCluster.PATIENCE)
          .ignoreExceptionsInstanceOf(FeatureKvException.class)
          .until(() -> isMissed(victim) || isStopped);
      boolean isHealthy = cluster.cli("status", "-o", "json").json().at("healthy").isTrue();
      assertThat(isHealthy).as("healthy without server %d", victim).isFalse();
    }
    cluster.spawn(victim);
    await()
        .atMost(ProcessCluster.PATIENCE)
        .ignoreExceptionsInstanceOf(FeatureKvException.class)
        .until(() -> record(victim).session() != killed || isStopped);
    cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
  }

  private long sessionOf(int node) {
    return await()
        .atMost(ProcessCluster.PATIENCE)
        .ignoreExceptionsInstanceOf(FeatureKvException.class)
        .until(() -> record(node).session(), _ -> true);
  }

  private boolean isMissed(int node) {
    return record(node).state() != NodeState.UP;
  }

  private NodeRecord record(int node) {
    String listen = cluster.endpoints().get(node);
    return admin.read().metadata().nodes().values().stream()
        .filter(each -> each.listen().equals(listen))
        .findFirst()
        .orElseThrow();
  }

  private void reportTrouble(Throwable error) {
    if (!isStopped) {
      trouble = String.valueOf(error.getMessage());
    }
  }

  @Override
  public void close() {
    admin.close();
    cluster.close();
  }
}
