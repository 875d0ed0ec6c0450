package io.featurekv.cli.load;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.table.KindWord;
import io.featurekv.cli.view.LoadReportView;
import io.featurekv.loader.BuildResult;
import io.featurekv.loader.InputSpec;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.TableName;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv load}. */
@Command(
    name = "load",
    header = "Loads files into a new version of a table and makes it the active one.",
    description = {
      "Reads files, directories, globs, http(s) addresses, standard input (-) or generated entries",
      "(generate:N?valueBytes=100), gzip and zstd too, checks every row, builds the shard files"
          + " here, hands them to the",
      "nodes and waits until they serve them. Readers see the version before until the new one is"
          + " complete. --timeout",
      "bounds the wait for the nodes (10m by default), to which the time that a canary bakes is"
          + " added."
    })
@Examples({
  "featurekv load cities cities.csv --create mem --key id",
  "featurekv load users 'users/*.parquet' --key user_id --key day",
  "featurekv load users https://host/users.csv.gz --key user_id",
  "featurekv load models --files models/ --create blk",
  "featurekv load users changes.jsonl --key user_id --mode incremental --delete-column gone",
  "featurekv load images images.tsv --key name --value bytes --value-encoding base64",
  "featurekv load users users.csv --key id --types age:int64,score:double --operation-id"
      + " nightly-2026-11-22",
  "featurekv load prices prices.csv --key sku --ignore-gates shrink,duplicates",
  "featurekv load prices prices.csv --key sku --canary eu-1 --bake 10m",
  "featurekv load people people.parquet --key name --value-format row",
  "featurekv load users 'hdfs-mount/users/*.parquet' --key user_id --on-cluster",
  "featurekv load users users.csv --key id --verify full",
  "featurekv load users users.csv --key id --dry-run --rejects rejected.jsonl",
  "featurekv load trial generate:1000000?valueBytes=100 --create blk"
})
public final class LoadCommand implements Callable<Integer> {
  private static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(10);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "INPUT",
      description = "Files, directories, globs, http(s) addresses, - or generate:N.")
  private List<String> inputs = List.of();

  @Option(
      names = "--create",
      paramLabel = "mem|idx|blk",
      converter = KindWord.class,
      description = "Creates the table with this kind if it does not exist.")
  private @Nullable TableKind create;

  @Option(names = "--dry-run", description = "Reads and checks everything, loads nothing.")
  private boolean isDryRun;

  @Mixin private LoadOptions options = new LoadOptions();

  LoadCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    TableName.checked("table", name);
    List<String> read = options.inputs(spec.commandLine(), inputs);
    InputSpec input = options.input(spec.commandLine(), read);
    options.checkOnCluster(spec.commandLine(), read, isDryRun);
    List<String> arguments = spec.commandLine().getParseResult().originalArgs();
    LoadRequest request =
        options.request(
            spec.commandLine(),
            name,
            input,
            LoadWords.of(arguments, inputs),
            session.timeoutOr(DEFAULT_PATIENCE));
    if (isDryRun) {
      return finish(
          new DryRun(session, create, () -> options.columnsOfNewTable(spec.commandLine()))
              .run(request));
    }
    return run(request);
  }

  /** Loads, and shows the report however the load ends; an interruption waits for that. */
  private int run(LoadRequest request) {
    long startNanos = System.nanoTime();
    Set<String> tasksBefore = Set.of();
    try (ProgressDisplay progress = ProgressDisplay.start(session);
        Interruption interruption = Interruption.watch(session, progress, request.onCluster())) {
      try (Cluster cluster = session.connect(CALL_TIMEOUT)) {
        tasksBefore = cluster.metadata().tasks().keySet();
        TargetTable.ensure(
            session, cluster, name, create, () -> options.columnsOfNewTable(spec.commandLine()));
        LoadReport report = LoadRunner.run(cluster.admin(), request, interruption);
        progress.end();
        return finish(report);
      } catch (FeatureKvException e) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        LoadReport report = failure(request, tasksBefore, e, seconds);
        progress.end();
        session.showJson(new LoadReportView(report));
        interruption.tell(report.taskId(), String.valueOf(e.getMessage()));
        throw e;
      }
    }
  }

  private int finish(LoadReport report) {
    for (BuildResult.RejectedRow row : report.firstRejected()) {
      session.message("rejected: " + row);
    }
    long more = report.rejected() - report.firstRejected().size();
    if (!report.firstRejected().isEmpty() && more > 0) {
      session.message("rejected: and " + more + " more");
    }
    session.show(new LoadReportView(report));
    return ExitCode.DONE;
  }

  /** The report of a load that failed, with what the cluster still says of its task. */
  private LoadReport failure(
      LoadRequest request, Set<String> tasksBefore, FeatureKvException error, double seconds) {
    return LoadReport.failed(
        request.operationId(),
        name,
        findTask(request, tasksBefore),
        seconds,
        String.valueOf(error.getMessage()));
  }

  private @Nullable TaskRecord findTask(LoadRequest request, Set<String> tasksBefore) {
    try (Cluster cluster = session.connect(CALL_TIMEOUT)) {
      return cluster.metadata().tasks().values().stream()
          .filter(task -> task.table().equals(name))
          .filter(
              task ->
                  request.operationId().isEmpty()
                      ? !tasksBefore.contains(task.id())
                      : task.id().equals(request.operationId()))
          .max(Comparator.comparingLong(TaskRecord::createdAtMillis))
          .orElse(null);
    } catch (FeatureKvException e) {
      // The load's own error says what matters; its report does without the task.
      return null;
    }
  }
}
