package io.featurekv.chaos.soak;

import io.featurekv.chaos.soak.History.Operation;
import io.featurekv.chaos.soak.History.Outcome;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.node.admin.ClusterAdmin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Activates, rolls back and drops versions, and makes and drops a table now and then, one operation
 * at a time, each under an operation id of its own. A command of unknown outcome is repeated under
 * its id until its outcome is known, as a careful client does; one that is known is repeated now
 * and then, and must be answered as before (I9). Reads of the metadata in between must know what
 * was acknowledged before them (I8).
 */
final class Changer implements Runnable {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(4);
  private static final String SCRATCH = "scratch";
  private static final int MAX_REPETITIONS = 20;

  private final ClusterAdmin admin;
  private final Profile profile;
  private final MetadataWatch watch;
  private final History history;
  private final Checks checks;
  private final Random random;
  private final AtomicLong acknowledgedIndex = new AtomicLong();
  private final List<Acknowledged> acknowledged = new ArrayList<>();
  private long scratchTables;
  private volatile Optional<String> spared = Optional.empty();
  private volatile boolean isStopped;

  /**
   * A change that took effect.
   *
   * @param index at which
   */
  record Acknowledged(String kind, String table, long version, long index) {}

  Changer(
      List<Endpoint> endpoints,
      Profile profile,
      MetadataWatch watch,
      History history,
      Checks checks,
      long seed) {
    this.admin = ClusterAdmin.connect(endpoints, CALL_TIMEOUT);
    this.profile = profile;
    this.watch = watch;
    this.history = history;
    this.checks = checks;
    this.random = new Random(seed);
  }

  @Override
  public void run() {
    while (!isStopped) {
      try {
        changeAny();
        Thread.sleep(random.nextInt((int) profile.changePause().toMillis()));
      } catch (InterruptedException e) {
        return;
      } catch (FeatureKvException e) {
        // Nobody answered the read that comes before a change.
      } catch (RuntimeException | Error e) {
        checks.broken("changer", e);
      }
    }
  }

  void stop() {
    isStopped = true;
  }

  /** From the next change on, none of this table's versions. */
  void spare(Optional<String> table) {
    spared = table;
  }

  private void changeAny() {
    ProvingEntries entries = profile.tables().get(random.nextInt(profile.tables().size()));
    ClusterMetadata metadata = read();
    TableRecord table = metadata.tables().get(entries.table());
    if (table == null || spared.equals(Optional.of(table.name()))) {
      return;
    }
    int what = random.nextInt(20);
    if (what < 9) {
      any(table, VersionState.READY, VersionState.RETAINED, VersionState.ROLLED_BACK)
          .ifPresent(
              version ->
                  change(
                      "activate",
                      table.name(),
                      new Command.ActivateVersion(table.name(), version.number())));
    } else if (what < 14) {
      change("rollback", table.name(), new Command.Rollback(table.name(), 0));
    } else if (what < 18) {
      any(table, VersionState.READY, VersionState.ROLLED_BACK)
          .ifPresent(
              version ->
                  change(
                      "drop",
                      table.name(),
                      new Command.DropVersion(table.name(), version.number())));
    } else {
      scratch(metadata);
    }
  }

  private void scratch(ClusterMetadata metadata) {
    String name = SCRATCH + scratchTables;
    if (metadata.tables().containsKey(name)) {
      change("drop-table", name, new Command.DropTable(name));
    } else {
      String next = SCRATCH + ++scratchTables;
      change("create-table", next, new Command.CreateTable(next, TableKind.MEM, options(2)));
    }
  }

  /** Options of every table of the workload. */
  static TableOptions options(int shards) {
    return new TableOptions(shards, 2, 0, 1 << 20, new ActivateWhen.Live());
  }

  private Optional<VersionRecord> any(TableRecord table, VersionState... states) {
    List<VersionRecord> found =
        table.versions().values().stream()
            .filter(version -> List.of(states).contains(version.state()))
            .toList();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(found.get(random.nextInt(found.size())));
  }

  /** A linearizable read knows what was acknowledged before it began (I8). */
  ClusterMetadata read() {
    long floor = acknowledgedIndex.get();
    ClusterAdmin.MetadataView view = admin.read();
    if (view.fresh() && view.metadata().index() < floor) {
      checks.violated(
          8,
          "a linearizable read gave index "
              + view.metadata().index()
              + " after index "
              + floor
              + " was acknowledged");
    }
    if (view.fresh()) {
      watch.learn(view.metadata());
    }
    return view.metadata();
  }

  /** One change, repeated until its outcome is known. */
  Outcome change(String kind, String table, Command command) {
    String operationId = OperationIds.next(System.currentTimeMillis(), random);
    long start = System.nanoTime();
    for (int repetition = 0; ; repetition++) {
      try {
        CommandResult result = admin.propose(operationId, command);
        taken(kind, table, result, start, operationId);
        if (random.nextInt(8) == 0) {
          repeat(operationId, command, result);
        }
        return Outcome.OK;
      } catch (FeatureKvException e) {
        boolean isOpen =
            e.code() == ErrorCode.UNKNOWN_OUTCOME
                || e.code() == ErrorCode.TRY_AGAIN
                || e.code() == ErrorCode.DEADLINE
                || e.code() == ErrorCode.UNAVAILABLE;
        if (!isOpen || repetition == MAX_REPETITIONS || isStopped) {
          Outcome outcome = isOpen ? Outcome.UNKNOWN : Outcome.REFUSED;
          history.change(
              new Operation(
                  kind,
                  "changer",
                  table,
                  start,
                  System.nanoTime(),
                  outcome,
                  versionOf(command),
                  operationId + ": " + e.code() + " " + e.getMessage()));
          return outcome;
        }
      }
    }
  }

  private static long versionOf(Command command) {
    return switch (command) {
      case Command.ActivateVersion activate -> activate.version();
      case Command.DropVersion drop -> drop.version();
      default -> 0;
    };
  }

  private void taken(
      String kind, String table, CommandResult result, long start, String operationId) {
    acknowledgedIndex.accumulateAndGet(result.index(), Math::max);
    synchronized (acknowledged) {
      acknowledged.add(new Acknowledged(kind, table, result.version(), result.index()));
    }
    history.change(
        new Operation(
            kind,
            "changer",
            table,
            start,
            System.nanoTime(),
            Outcome.OK,
            result.version(),
            operationId + " index " + result.index()));
  }

  private void repeat(String operationId, Command command, CommandResult before) {
    try {
      CommandResult again = admin.propose(operationId, command);
      if (!again.equals(before)) {
        checks.violated(
            9, operationId + " was answered with " + before + ", and when repeated " + again);
      }
    } catch (FeatureKvException e) {
      if (e.code() == ErrorCode.CONFLICT || e.code() == ErrorCode.NOT_FOUND) {
        checks.violated(
            9, operationId + " was answered with " + before + ", and when repeated " + e);
      }
    }
  }

  /** What took effect, in the order in which it was acknowledged. */
  List<Acknowledged> acknowledged() {
    synchronized (acknowledged) {
      return List.copyOf(acknowledged);
    }
  }

  /** Of the connection that the changes go through. */
  ClusterAdmin admin() {
    return admin;
  }

  void close() {
    admin.close();
  }
}
