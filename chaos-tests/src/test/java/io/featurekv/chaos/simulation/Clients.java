package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everybody who uses the cluster: operators, loads, and readers (by {@link Reader}). */
final class Clients {
  private static final int MAX_TABLES = 2;

  private final World world;
  private final List<CommandEnvelope> past = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();
  private int tasks;

  Clients(World world) {
    this.world = world;
    readers.add(new Reader(world));
    readers.add(new Reader(world));
  }

  /** One thing that one of them does. */
  void act() {
    List<TableRecord> tables = List.copyOf(world.group.newest().tables().values());
    if (tables.isEmpty() || (tables.size() < MAX_TABLES && world.chance.oneIn(12))) {
      createTable();
      return;
    }
    TableRecord table = world.chance.of(tables);
    switch (world.chance.below(32)) {
      case 0, 1, 2, 3 -> load(table, UpdateMode.FULL, newTask(), true, null);
      case 4, 5, 6, 7, 8, 9 -> load(table, UpdateMode.INCREMENTAL, newTask(), true, null);
      case 10 -> load(table, UpdateMode.FULL, newTask(), false, null);
      case 11, 12 -> sharedLoad(table);
      case 13, 14 -> canary(table);
      case 15, 16 -> activate(table);
      case 17, 18 -> propose(new Command.Rollback(table.name(), 0));
      case 19 -> dropVersion(table);
      case 20 -> cancel(table);
      case 21 -> retry(table);
      case 22 -> propose(new Command.AlterTable(table.name(), options()));
      case 23 -> {
        if (world.chance.oneIn(4)) {
          propose(new Command.DropTable(table.name()));
        }
      }
      case 24, 25 -> repeat();
      case 26, 27 -> world.chance.of(readers).readPinned();
      default -> world.chance.of(readers).read();
    }
  }

  List<Reader> readers() {
    return readers;
  }

  private void propose(Command command) {
    long skewMillis = past.isEmpty() ? 0 : world.chance.below(2_000);
    CommandEnvelope envelope = world.envelope(command, world.time.millis() + skewMillis);
    past.add(envelope);
    world.group.propose(envelope, VoterGroup.Origin.CLIENT, _ -> {});
  }

  /** The same command under the same operation id, however late. */
  private void repeat() {
    if (!past.isEmpty()) {
      CommandEnvelope envelope = world.chance.of(past);
      CommandEnvelope again =
          new CommandEnvelope(envelope.operationId(), world.time.millis(), envelope.command());
      world.group.propose(again, VoterGroup.Origin.CLIENT, _ -> {});
    }
  }

  private String newTask() {
    return "task" + tasks++;
  }

  private void createTable() {
    propose(
        new Command.CreateTable(
            "t" + world.chance.below(MAX_TABLES),
            world.chance.oneIn(2) ? TableKind.MEM : TableKind.IDX,
            options()));
  }

  private TableOptions options() {
    ActivateWhen when =
        world.chance.of(
            List.of(
                new ActivateWhen.Live(),
                new ActivateWhen.Live(),
                new ActivateWhen.All(),
                new ActivateWhen.Sects(1)));
    return new TableOptions(
        1 + world.chance.below(2),
        1 + world.chance.below(2),
        world.chance.oneIn(3) ? world.chance.between(60_000, 600_000) : 0,
        1_000,
        when);
  }

  private void load(
      TableRecord table,
      UpdateMode mode,
      String task,
      boolean activates,
      @Nullable CanaryPlan plan) {
    if (mode == UpdateMode.INCREMENTAL && table.activeVersion() == 0) {
      load(table, UpdateMode.FULL, task, activates, plan);
      return;
    }
    new Load(world, table.name(), mode, task, activates, plan).begin();
  }

  private void canary(TableRecord table) {
    if (world.sects.size() > 1) {
      CanaryPlan plan =
          new CanaryPlan(world.chance.of(world.sects), world.chance.between(1_000, 20_000));
      load(table, UpdateMode.FULL, newTask(), true, plan);
    }
  }

  private void sharedLoad(TableRecord table) {
    world.group.propose(
        world.envelope(sharedTask(newTask(), table.name()), world.time.millis()),
        VoterGroup.Origin.CLIENT,
        _ -> {});
  }

  private Command sharedTask(String task, String table) {
    return new Command.BeginTask(
        task,
        table,
        UpdateMode.FULL,
        "words",
        "digest",
        true,
        Set.<Gate>of(),
        null,
        false,
        true,
        SharedBuilds.plan(1 + world.chance.below(3), world.chance.oneIn(2)));
  }

  private void activate(TableRecord table) {
    List<VersionRecord> versions = List.copyOf(table.versions().values());
    if (!versions.isEmpty()) {
      propose(new Command.ActivateVersion(table.name(), world.chance.of(versions).number()));
    }
  }

  private void dropVersion(TableRecord table) {
    List<VersionRecord> versions = List.copyOf(table.versions().values());
    if (!versions.isEmpty()) {
      propose(new Command.DropVersion(table.name(), world.chance.of(versions).number()));
    }
  }

  private @Nullable TaskRecord anyTask(TableRecord table) {
    List<TaskRecord> all =
        world.group.newest().tasks().values().stream()
            .filter(task -> task.table().equals(table.name()))
            .toList();
    return all.isEmpty() ? null : world.chance.of(all);
  }

  private void cancel(TableRecord table) {
    TaskRecord task = anyTask(table);
    if (task != null) {
      propose(new Command.FailTask(task.id(), task.attempt(), "cancelled", true));
    }
  }

  private void retry(TableRecord table) {
    TaskRecord task = anyTask(table);
    if (task == null) {
      return;
    }
    if (task.build() != null) {
      world.group.propose(
          world.envelope(sharedTask(task.id(), table.name()), world.time.millis()),
          VoterGroup.Origin.CLIENT,
          _ -> {});
    } else {
      new Load(world, table.name(), task.mode(), task.id(), true, null).begin();
    }
  }

  /**
   * In a calm world: what is pinned when it is dropped stays readable for 60 s.
   *
   * @param rounds lets so many milliseconds go by, with everybody at work
   */
  void pinThroughDrop(java.util.function.LongConsumer rounds) {
    ClusterMetadata metadata = world.group.newest();
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        boolean mayGo =
            version.state() == io.featurekv.metadata.VersionState.RETAINED
                && readers.getFirst().read(table, version.number());
        if (mayGo) {
          propose(new Command.DropVersion(table.name(), version.number()));
          rounds.accept(45_000);
          if (!world.invariants.holds(readers.getFirst().read(table, version.number()))) {
            world.invariants.broken(
                "I6",
                "version "
                    + version.number()
                    + " of "
                    + table.name()
                    + " is gone 45 s after its last");
          }
          return;
        }
      }
    }
  }
}
