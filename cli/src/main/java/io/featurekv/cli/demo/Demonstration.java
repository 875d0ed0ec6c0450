package io.featurekv.cli.demo;

import io.featurekv.cli.demo.ReadLoop.Figures;
import io.featurekv.cli.demo.ReadLoop.Sighting;
import io.featurekv.cli.read.ClusterReader;
import io.featurekv.cli.read.Reading;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.table.TableOptionFlags;
import io.featurekv.cli.terminal.Human;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command.CreateTable;
import io.featurekv.metadata.Command.Rollback;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.admin.ClusterHealth;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is done with the cluster, step by step; each step leaves a line in the checks. */
final class Demonstration implements AutoCloseable {
  private static final int SHARDS = 4;
  private static final int BATCH_KEYS = 500;
  private static final long LOAD_MEMORY_BYTES = 64L << 20;
  private static final long SURVIVE_SECONDS = 4;
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);
  private static final Duration STEP_PATIENCE = Duration.ofSeconds(60);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(15);
  private static final long POLL_MILLIS = 5;

  private final Session session;
  private final DemoCluster cluster;
  private final DemoEntries entries;
  private final Checks checks;
  private final List<String> tables = new ArrayList<>();
  private @Nullable ClusterReader reader;

  Demonstration(Session session, DemoCluster cluster, DemoEntries entries, Checks checks) {
    this.session = session;
    this.cluster = cluster;
    this.entries = entries;
    this.checks = checks;
  }

  /** Does everything; what fails as a whole is a failed check and ends it. */
  void run() throws InterruptedException {
    long startNanos = System.nanoTime();
    try (ClusterAdmin admin = awaitCluster()) {
      checks.add("start three nodes, form the cluster", Human.seconds(seconds(startNanos)), true);
      createTables(admin);
      ClusterReader client = ClusterReader.connect(cluster.endpoints(), READ_TIMEOUT);
      reader = client;
      load(admin, DemoEntries.FIRST, UpdateMode.FULL);
      if (entries instanceof FileDemoEntries files) {
        files.learn(client, nameOf(TableKind.IDX));
      }
      for (String table : tables) {
        readEveryKey(client, table, DemoEntries.FIRST);
      }
      try (ReadLoop loop = new ReadLoop(client, tables, entries)) {
        loop.start();
        underReads(admin, loop);
      }
      for (String table : tables) {
        readEveryKey(client, table, DemoEntries.SECOND);
      }
    } catch (FeatureKvException e) {
      checks.add("go on", String.valueOf(e.getMessage()), false);
    }
    checks.add("everything", Human.seconds(seconds(startNanos)), checks.allRight());
  }

  private ClusterAdmin awaitCluster() throws InterruptedException {
    long deadlineNanos = System.nanoTime() + START_PATIENCE.toNanos();
    while (true) {
      for (ChildNode node : cluster.nodes()) {
        node.checkAlive();
      }
      try {
        ClusterAdmin admin = ClusterAdmin.connect(cluster.endpoints(), CALL_TIMEOUT);
        try {
          admin.await(this::isComplete, START_PATIENCE);
          return admin;
        } catch (RuntimeException e) {
          admin.close();
          throw e;
        }
      } catch (FeatureKvException e) {
        if (System.nanoTime() - deadlineNanos > 0) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private boolean isComplete(ClusterMetadata metadata) {
    return metadata.nodes().size() == cluster.nodes().size()
        && ClusterHealth.clusterReasons(metadata).isEmpty();
  }

  private static String nameOf(TableKind kind) {
    return "demo_" + kind.word();
  }

  private void createTables(ClusterAdmin admin) {
    for (TableKind kind : TableKind.values()) {
      String table = nameOf(kind);
      TableOptions options = TableOptionFlags.DEFAULTS.withShards(SHARDS);
      admin.propose(new CreateTable(table, kind, options));
      tables.add(table);
    }
  }

  /** Loads one version into every table, all at once. */
  private void load(ClusterAdmin admin, long version, UpdateMode mode) {
    session.message(
        "loading version "
            + version
            + " ("
            + mode.word()
            + ") of "
            + String.join(", ", tables)
            + " ...");
    try (ExecutorService pool =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("demo-load-", 0).factory())) {
      List<CompletableFuture<LoadReport>> loads = new ArrayList<>();
      for (String table : tables) {
        LoadRequest request = request(table, version, mode);
        loads.add(
            CompletableFuture.supplyAsync(
                () -> LoadRunner.run(admin, request, (stage, done, total) -> {}), pool));
      }
      for (CompletableFuture<LoadReport> load : loads) {
        addLoad(load.join(), version, mode);
      }
    } catch (CompletionException e) {
      throw e.getCause() instanceof FeatureKvException known ? known : e;
    }
  }

  private void addLoad(LoadReport report, long version, UpdateMode mode) {
    checks.add(
        mode.word() + " load, version " + report.version() + " of " + report.table(),
        String.format(
            Locale.ROOT,
            "%s entries, %s, %s entries/s",
            Human.count(report.entries()),
            Human.seconds(report.seconds()),
            Human.count(Math.round(report.entries() / report.seconds()))),
        report.version() == version && report.state().equals("ACTIVE") && report.rejected() == 0);
  }

  private LoadRequest request(String table, long version, UpdateMode mode) {
    return new LoadRequest(
        table,
        entries.input(version),
        String.join(" ", entries.input(version).inputs()),
        mode,
        true,
        0,
        false,
        null,
        false,
        true,
        Set.of(),
        "",
        LOAD_MEMORY_BYTES,
        cluster.directory(),
        STEP_PATIENCE);
  }

  private void readEveryKey(ClusterReader client, String table, long version) {
    long startNanos = System.nanoTime();
    long wrong = 0;
    String problem = "";
    for (long from = 0; from < entries.count(); from += BATCH_KEYS) {
      int size = (int) Math.min(BATCH_KEYS, entries.count() - from);
      List<byte[]> keys = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        keys.add(entries.key(from + i));
      }
      ClusterReader.Batch batch = client.get(table, 0, keys);
      for (int i = 0; i < size; i++) {
        Reading reading = batch.readings().get(i);
        boolean isRight =
            batch.version() == version
                && reading.status() == Reading.Status.FOUND
                && entries.isValue(version, from + i, reading.value());
        wrong += isRight ? 0 : 1;
        problem =
            isRight || !problem.isEmpty()
                ? problem
                : ": " + reading.status() + " " + reading.error();
      }
    }
    double seconds = seconds(startNanos);
    checks.add(
        "read back every key of " + table,
        String.format(
            Locale.ROOT,
            "%s keys, %s, %s keys/s%s",
            Human.count(entries.count()),
            Human.seconds(seconds),
            Human.count(Math.round(entries.count() / seconds)),
            wrong == 0 ? "" : ", " + Human.count(wrong) + " wrong" + problem),
        wrong == 0 && entries.count() > 0);
  }

  private void underReads(ClusterAdmin admin, ReadLoop loop) throws InterruptedException {
    load(admin, DemoEntries.SECOND, UpdateMode.FULL);
    awaitSwaps(admin, loop, DemoEntries.SECOND);
    load(admin, DemoEntries.INCREMENT, UpdateMode.INCREMENTAL);
    awaitSwaps(admin, loop, DemoEntries.INCREMENT);
    addFigures("read meanwhile, in batches of " + ReadLoop.BATCH_KEYS, loop);
    for (String table : tables) {
      admin.propose(new Rollback(table, 0));
    }
    awaitSwaps(admin, loop, DemoEntries.SECOND);
    addFigures("read meanwhile", loop);
    killOne(admin, loop);
  }

  private void awaitSwaps(ClusterAdmin admin, ReadLoop loop, long version)
      throws InterruptedException {
    for (String table : tables) {
      awaitSwap(admin, loop, table, version);
    }
  }

  /** From the moment the change was in the log until this client's reads see it. */
  private void awaitSwap(ClusterAdmin admin, ReadLoop loop, String table, long version)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + STEP_PATIENCE.toNanos();
    while (System.nanoTime() - deadlineNanos < 0) {
      Sighting sighting = loop.sighting(table);
      if (sighting != null && sighting.version() == version) {
        long swapMillis = sighting.atMillis() - activatedAtMillis(admin, table, version);
        checks.add(
            "readers see version " + version + " of " + table,
            Math.max(0, swapMillis) + " ms after its activation",
            true);
        return;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    checks.add("readers see version " + version + " of " + table, "not in time", false);
  }

  private static long activatedAtMillis(ClusterAdmin admin, String table, long version) {
    TableRecord record = admin.read().metadata().tables().get(table);
    VersionRecord found = record == null ? null : record.versions().get(version);
    return found == null ? 0 : found.activatedAtMillis();
  }

  private void addFigures(String what, ReadLoop loop) {
    Figures figures = loop.take();
    String problem = loop.firstProblem();
    checks.add(
        what,
        String.format(
            Locale.ROOT,
            "%s batches, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %d failed, %d mixed%s",
            Human.count(figures.batches()),
            figures.latencyMillis(0.5),
            figures.latencyMillis(0.99),
            figures.latencyMillis(1),
            figures.failed(),
            figures.mixed(),
            problem.isEmpty() ? "" : " (" + problem + ")"),
        figures.batches() > 0 && figures.failed() == 0 && figures.mixed() == 0);
  }

  private void killOne(ClusterAdmin admin, ReadLoop loop) throws InterruptedException {
    String leader = admin.read().leader();
    ChildNode victim =
        cluster.nodes().stream()
            .filter(node -> node.id().equals(leader))
            .findFirst()
            .orElse(cluster.nodes().getFirst());
    String role = victim.id().equals(leader) ? ", the metadata leader" : "";
    session.message("killing node " + victim.id() + role + " ...");
    loop.take();
    victim.kill();
    TimeUnit.SECONDS.sleep(SURVIVE_SECONDS);
    addFigures(
        "read on for " + SURVIVE_SECONDS + " s after SIGKILL of " + victim.id() + role, loop);
  }

  private static double seconds(long startNanos) {
    return Math.max(1e-3, (System.nanoTime() - startNanos) / 1e9);
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
    }
  }
}
