package io.featurekv.chaos.soak;

import io.featurekv.chaos.soak.History.Operation;
import io.featurekv.chaos.soak.History.Outcome;
import io.featurekv.loader.InputSpec;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Loads one version after another: full ones and increments, built here and by the cluster,
 * activated at once, left for others to activate, or put on trial. What did not succeed is repeated
 * under the same operation id, which must not make a second version (I9). One load at a time,
 * whichever thread asks for it.
 */
final class Publisher implements Runnable {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final int MAX_ATTEMPTS = 3;
  private static final long RETRY_PAUSE_MILLIS = 500;
  private static final long MEMORY_BYTES = 64L << 20;
  private static final long BAKE_MILLIS = 1_500;

  private final List<Endpoint> endpoints;
  private final Profile profile;
  private final Path directory;
  private final History history;
  private final Checks checks;
  private final Random random;
  private final Map<String, Long> versions = new HashMap<>();
  private long count;
  private volatile Optional<Turn> wanted = Optional.empty();
  private volatile boolean isStopped;

  /** A load; {@code activate} where its version is to become active by itself. */
  record Turn(String table, UpdateMode mode, boolean onCluster, boolean activate) {}

  /** Names of its operations begin with {@code seed}, so that no two runs share any. */
  Publisher(
      List<Endpoint> endpoints,
      Profile profile,
      Path directory,
      History history,
      Checks checks,
      long seed) {
    this.endpoints = List.copyOf(endpoints);
    this.profile = profile;
    this.directory = directory;
    this.history = history;
    this.checks = checks;
    this.random = new Random(seed);
  }

  @Override
  public void run() {
    while (!isStopped) {
      try {
        publishAny();
        Thread.sleep(random.nextInt((int) profile.loadPause().toMillis()));
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        checks.broken("publisher", e);
      }
    }
  }

  void stop() {
    isStopped = true;
  }

  /** From the next load on, only ones like this; without one, any. */
  void prefer(Optional<Turn> turn) {
    wanted = turn;
  }

  private void publishAny() throws InterruptedException {
    Optional<Turn> turn = wanted;
    if (turn.isPresent()) {
      ProvingEntries table = profile.table(turn.get().table());
      publish(table, turn.get().mode(), turn.get().onCluster(), turn.get().activate());
      return;
    }
    ProvingEntries table = profile.tables().get(random.nextInt(profile.tables().size()));
    boolean isIncrement = random.nextInt(10) < 4;
    publish(
        table,
        isIncrement ? UpdateMode.INCREMENTAL : UpdateMode.FULL,
        random.nextInt(10) < 5,
        table.table().equals(Profile.TRIAL) || random.nextInt(10) < 7);
  }

  /** Loads until it is acknowledged, refused, or tried often enough; whether it succeeded. */
  boolean publish(ProvingEntries table, UpdateMode mode, boolean onCluster, boolean activate)
      throws InterruptedException {
    return publish(table, mode, onCluster, activate, BAKE_MILLIS);
  }

  /** Of the table whose versions go through a trial, with a trial of so long. */
  boolean publishOnTrial(long bakeMillis) throws InterruptedException {
    ProvingEntries table = profile.table(Profile.TRIAL);
    return publish(table, UpdateMode.FULL, false, true, bakeMillis);
  }

  private synchronized boolean publish(
      ProvingEntries table, UpdateMode mode, boolean onCluster, boolean activate, long bakeMillis)
      throws InterruptedException {
    String operationId = table.table() + "-load-" + ++count;
    Path input = directory.resolve(operationId + ".tsv");
    try {
      table.write(input, operationId, mode);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LoadRequest request = request(table, input, mode, operationId, onCluster, activate, bakeMillis);
    boolean isDone = false;
    for (int attempt = 1; attempt <= MAX_ATTEMPTS && !isStopped && !isDone; attempt++) {
      isDone = attempt(table, request, operationId);
      if (!isDone) {
        Thread.sleep(RETRY_PAUSE_MILLIS);
      }
    }
    if (isDone && random.nextInt(10) == 0) {
      // Repeating what has succeeded answers with the same version.
      attempt(table, request, operationId);
    }
    try {
      Files.deleteIfExists(input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return isDone;
  }

  private LoadRequest request(
      ProvingEntries table,
      Path input,
      UpdateMode mode,
      String operationId,
      boolean onCluster,
      boolean activate,
      long bakeMillis) {
    InputSpec spec =
        new InputSpec(
            List.of(input.toString()),
            "tsv",
            List.of("key"),
            ":",
            "utf8",
            "value",
            "utf8",
            Map.of(),
            mode == UpdateMode.INCREMENTAL ? "gone" : "",
            "",
            false);
    boolean isTrial = table.table().equals(Profile.TRIAL) && versions.containsKey(Profile.TRIAL);
    return new LoadRequest(
        table.table(),
        spec,
        "chaos",
        mode,
        true,
        0,
        false,
        null,
        false,
        activate,
        Set.of(),
        operationId,
        MEMORY_BYTES,
        directory,
        PATIENCE,
        onCluster,
        false,
        isTrial ? new CanaryPlan("b", bakeMillis) : null);
  }

  private boolean attempt(ProvingEntries table, LoadRequest request, String operationId) {
    String kind =
        (request.mode() == UpdateMode.FULL ? "load" : "increment")
            + (request.onCluster() ? "-on-cluster" : "");
    long start = System.nanoTime();
    try (ClusterAdmin admin = ClusterAdmin.connect(endpoints, CALL_TIMEOUT)) {
      LoadReport report = LoadRunner.run(admin, request, (stage, done, total) -> {});
      history.change(
          operation(
              kind,
              table,
              start,
              Outcome.OK,
              report.version(),
              operationId + " " + report.state()));
      Long before = versions.put(table.table(), report.version());
      checkOnce(admin, table, operationId, report.version());
      if (before != null && report.version() < before) {
        checks.violated(
            9, operationId + " was answered with version " + report.version() + " after " + before);
      }
      return true;
    } catch (FeatureKvException e) {
      boolean hasNoEffect =
          e.code() == ErrorCode.UNAVAILABLE || e.code() == ErrorCode.INVALID_ARGUMENT;
      history.change(
          operation(
              kind,
              table,
              start,
              hasNoEffect ? Outcome.REFUSED : Outcome.UNKNOWN,
              0,
              operationId + ": " + e.code() + " " + e.getMessage()));
      return false;
    }
  }

  private Operation operation(
      String kind, ProvingEntries table, long start, Outcome outcome, long version, String detail) {
    return new Operation(
        kind, "publisher", table.table(), start, System.nanoTime(), outcome, version, detail);
  }

  /** One operation id has one version, the one that was answered. */
  private void checkOnce(
      ClusterAdmin admin, ProvingEntries table, String operationId, long version) {
    ClusterMetadata metadata = admin.read().metadata();
    TableRecord record = metadata.tables().get(table.table());
    if (record == null) {
      return;
    }
    List<Long> made =
        record.versions().values().stream()
            .filter(each -> each.taskId().equals(operationId))
            .map(each -> each.number())
            .toList();
    if (made.size() > 1 || (made.size() == 1 && made.getFirst() != version)) {
      checks.violated(
          9, operationId + " has made the versions " + made + " and answered " + version);
    }
  }
}
