package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.Limits;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.model.TableName;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tables as such. */
final class TableCommands {
  private static final int MAX_RETAIN = 1_000;

  private static final int MAX_COLUMN_CHARS = 256;

  /** A limit on growth that is looser than this one means nothing. */
  private static final int MAX_GROWTH_WHOLES = 1_000;

  private TableCommands() {}

  static Applied createTable(Step step, Command.CreateTable command) {
    String name = TableName.checked("table", command.table());
    if (step.state().tables().containsKey(name)) {
      throw Step.conflict("table " + name + " exists already");
    }
    check(command.kind(), command.options());
    long nextVersion = step.state().droppedTables().getOrDefault(name, 1L);
    TableRecord table =
        new TableRecord(
            step.index(),
            name,
            command.kind(),
            command.options(),
            nextVersion,
            0,
            new TreeMap<>(),
            command.columns().isEmpty() ? null : RowSchema.of(command.columns()),
            null);
    return step.done(
        step.with(table).withDroppedTables(SortedMaps.without(step.state().droppedTables(), name)));
  }

  static Applied alterTable(Step step, Command.AlterTable command) {
    TableRecord table = step.table(command.table());
    check(table.kind(), command.options());
    RowSchema schema = evolved(table, command.columns());
    return step.done(step.with(table.withOptions(command.options()).withSchema(schema)));
  }

  private static @Nullable RowSchema evolved(TableRecord table, List<RowColumn> wanted) {
    RowSchema present = table.schema();
    if (wanted.isEmpty()) {
      return present;
    }
    if (present != null) {
      return present.evolve(table.name(), wanted);
    }
    for (VersionRecord version : table.versions().values()) {
      if (version.state() != VersionState.FAILED && version.state() != VersionState.DROPPED) {
        throw Step.conflict(
            "table %s has values that are no rows, in version %d, and so cannot get columns; load into a new table that has them"
                .formatted(table.name(), version.number()));
      }
    }
    return RowSchema.of(wanted);
  }

  static Applied dropTable(Step step, Command.DropTable command) {
    TableRecord table = step.table(command.table());
    ClusterMetadata state = step.state();
    SortedMap<String, TaskRecord> tasks = new TreeMap<>(state.tasks());
    tasks.values().removeIf(task -> task.table().equals(table.name()));
    return step.done(
        state
            .withTables(SortedMaps.without(state.tables(), table.name()))
            .withTasks(tasks)
            .withDroppedTables(
                SortedMaps.with(state.droppedTables(), table.name(), table.nextVersion())));
  }

  private static void check(TableKind kind, TableOptions options) {
    between("shards", options.shards(), 1, Limits.MAX_SHARDS);
    between("retain", options.retain(), 1, MAX_RETAIN);
    between("version TTL in ms", options.versionTtlMillis(), 0, Long.MAX_VALUE);
    between("entry TTL in ms", options.entryTtlMillis(), 0, Long.MAX_VALUE);
    between("longest value in bytes", options.maxValueBytes(), 1, Limits.MAX_VALUE_BYTES);
    between("entries of a block", options.blockEntries(), 1, Limits.MAX_BLOCK_ENTRIES);
    if (kind != TableKind.BLK && options.blockEntries() != Limits.DEFAULT_BLOCK_ENTRIES) {
      throw Step.invalid(
          "entries of a block are set for tables of kind blk only, this one is " + kind.word());
    }
    if (options.activateWhen() instanceof ActivateWhen.Sects(int count)) {
      between("sects to activate with", count, 1, Integer.MAX_VALUE);
    }
    check(options.gates());
  }

  private static void check(Gates gates) {
    share("most shrink", gates.maxShrink(), 1);
    share("most growth", gates.maxGrowth(), MAX_GROWTH_WHOLES);
    share("most rejected rows", gates.maxRejected(), 1);
    share("most duplicate rows", gates.maxDuplicates(), 1);
    share("least overlap", gates.minOverlap(), 1);
    between("required columns", gates.requiredColumns().size(), 0, Gates.MAX_COLUMNS);
    for (String column : gates.requiredColumns()) {
      between("length of a required column's name", column.length(), 1, MAX_COLUMN_CHARS);
    }
    between("golden keys", gates.goldenKeys().size(), 0, Gates.MAX_GOLDEN_KEYS);
    Set<String> keys = new HashSet<>();
    for (GoldenKey golden : gates.goldenKeys()) {
      between("bytes of a golden key", golden.key().length, 1, Limits.MAX_KEY_BYTES);
      if (golden.expected() instanceof GoldenKey.Value(byte[] bytes)) {
        between("bytes of a golden value", bytes.length, 0, GoldenKey.MAX_VALUE_BYTES);
      }
      if (!keys.add(HexFormat.of().formatHex(golden.key()))) {
        throw Step.invalid("the golden key " + golden.shownKey() + " is there twice");
      }
    }
  }

  private static void share(String what, @Nullable Share share, long mostWholes) {
    if (share != null) {
      between(
          what + " in millionths", share.millionths(), 0, mostWholes * Share.WHOLE.millionths());
    }
  }

  private static void between(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw Step.invalid(what + " is " + value + ", expected " + least + " to " + most);
    }
  }
}
