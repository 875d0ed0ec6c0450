package io.featurekv.cli.load;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.table.TableOptionFlags;
import io.featurekv.loader.BuildResult;
import io.featurekv.loader.BuildSpec;
import io.featurekv.loader.ShardBuild;
import io.featurekv.metadata.GateRules;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadDirectory;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks inputs as a load would, against the table's rules where the cluster can be asked for them,
 * and changes nothing.
 */
final class DryRun {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private final Session session;
  private final @Nullable TableKind create;
  private final Supplier<List<RowColumn>> newColumns;

  /** {@code newColumns}: of the table if it is not there; none: its values are bytes. */
  DryRun(Session session, @Nullable TableKind create, Supplier<List<RowColumn>> newColumns) {
    this.session = session;
    this.create = create;
    this.newColumns = newColumns;
  }

  LoadReport run(LoadRequest request) {
    TableRecord table = table(request.table());
    TableKind kind = table != null ? table.kind() : create != null ? create : TableKind.MEM;
    TableOptions rules = table == null ? TableOptionFlags.DEFAULTS : table.options();
    long startNanos = System.nanoTime();
    BuildResult checked;
    try (LoadDirectory directory =
            LoadDirectory.open(
                request.tempDirectory(),
                "dry-run-" + OperationIds.next(System.currentTimeMillis()),
                false);
        ProgressDisplay progress = ProgressDisplay.start(session)) {
      checked = ShardBuild.dryRun(spec(request, table, kind, rules, directory.path()), progress);
    }
    if (table != null) {
      checkGates(table, request, checked);
    }
    return new LoadReport(
        "",
        request.table(),
        0,
        "DRY_RUN",
        checked.entries(),
        checked.rejected(),
        checked.duplicates(),
        checked.deleted(),
        checked.bytes(),
        (System.nanoTime() - startNanos) / 1e9,
        checked.stages(),
        checked.firstRejected(),
        "");
  }

  private BuildSpec spec(
      LoadRequest request,
      @Nullable TableRecord table,
      TableKind kind,
      TableOptions rules,
      Path directory) {
    return new BuildSpec(
        request.table(),
        kind,
        table == null ? 1 : table.nextVersion(),
        rules.shards(),
        request.mode(),
        rules.maxValueBytes(),
        rules.blockEntries(),
        rules.entryTtlMillis(),
        request.inputFor(rules),
        request.lastDuplicateWins(),
        request.maxRejected(),
        request.maxRejectedIsPercent(),
        request.rejectsFile(),
        request.allowEmpty(),
        request.memoryBytes(),
        directory,
        false,
        table == null ? newSchema() : table.schema());
  }

  private @Nullable RowSchema newSchema() {
    List<RowColumn> columns = newColumns.get();
    return columns.isEmpty() ? null : RowSchema.of(columns);
  }

  /** What can be told without files: how long they are is not known. */
  private static void checkGates(TableRecord table, LoadRequest request, BuildResult checked) {
    boolean isIncrement = request.mode() == UpdateMode.INCREMENTAL;
    TaskCounts counts =
        new TaskCounts(
            checked.rows(),
            checked.entries(),
            checked.rejected(),
            checked.duplicates(),
            checked.deleted(),
            0);
    GateRules.Candidate candidate =
        new GateRules.Candidate(
            request.mode(), checked.entries(), isIncrement ? checked.deleted() : 0, -1, counts);
    String refusals =
        GateRules.text(GateRules.refusals(table, candidate, request.allIgnoredGates()));
    if (!refusals.isEmpty()) {
      throw new FeatureKvException(ErrorCode.CONFLICT, refusals);
    }
  }

  /** The table, or null where it need not exist. */
  private @Nullable TableRecord table(String name) {
    try (Cluster cluster = session.connect(CALL_TIMEOUT)) {
      TableRecord table = cluster.metadata().tables().get(name);
      return table == null && create == null ? cluster.table(name) : table;
    } catch (FeatureKvException e) {
      if (e.code() != ErrorCode.UNAVAILABLE && e.code() != ErrorCode.DEADLINE) {
        throw e;
      }
      session.message("no node answers; checking against the rules of a new table");
      return null;
    }
  }
}
