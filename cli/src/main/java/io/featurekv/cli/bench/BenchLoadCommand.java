package io.featurekv.cli.bench;

import io.featurekv.cli.bench.InputPlan.Format;
import io.featurekv.cli.load.Interruption;
import io.featurekv.cli.load.ProgressDisplay;
import io.featurekv.cli.load.TargetTable;
import io.featurekv.cli.load.Workspace;
import io.featurekv.cli.option.Counts;
import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.table.KindWord;
import io.featurekv.cli.terminal.Human;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import io.featurekv.model.TableName;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRunner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code featurekv bench load}. */
@Command(
    name = "load",
    header = "Loads generated entries into a table, and measures rate, CPU, writes and memory.",
    description = {
      "Writes the standard data set (keys of 16 bytes, in random order) to files of the --source,"
          + " loads them as",
      "'featurekv load' does until the new version is served, and removes the files. Writing them"
          + " does not count.",
      "CPU, memory and writes of this process are its own; those of the nodes are what they tell"
          + " under /metrics.",
      "Memory is without mapped files, and what it was seen to be now and then. Before anything is"
          + " written, disks are",
      "checked for room. --timeout bounds the wait for the nodes (10m by default). The table stays,"
          + " for 'bench read'."
    })
@Examples({
  "featurekv bench load --table t --entries 10M",
  "featurekv bench load --table t --entries 50M --source parquet",
  "featurekv bench load --table t --entries 20M --value-bytes 400 --kind idx --source csv -o json",
  "featurekv bench load --table t --entries 50M --source parquet --on-cluster",
  "featurekv bench load --table t --entries 50M --source parquet --input-dir /data/set"
      + " --keep-input",
  "featurekv bench load --entries 1M --source parquet --input-dir set --input-only"
})
public final class BenchLoadCommand implements Callable<Integer> {
  private static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(10);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--table",
      paramLabel = "T",
      description = "Table to load; created if it does not exist.")
  private String table = "";

  @Option(
      names = "--entries",
      required = true,
      paramLabel = "N",
      converter = Counts.class,
      description = "How many entries; k, M and G are known.")
  private long entries;

  @Option(
      names = "--value-bytes",
      paramLabel = "BYTES",
      defaultValue = "100",
      description = "Length of the values (default: ${DEFAULT-VALUE}).")
  private int valueBytes = GeneratedEntries.DEFAULT_VALUE_BYTES;

  @Option(
      names = "--source",
      paramLabel = "generate|csv|parquet",
      defaultValue = "generate",
      description =
          "What the load reads: entries that it computes itself, or files (default:"
              + " ${DEFAULT-VALUE}).")
  private Format source = Format.GENERATE;

  @Option(
      names = "--kind",
      paramLabel = "mem|idx|blk",
      defaultValue = "mem",
      converter = KindWord.class,
      description = "Kind of the table (default: ${DEFAULT-VALUE}).")
  private TableKind kind = TableKind.MEM;

  @Option(
      names = "--data-version",
      paramLabel = "V",
      description =
          "What values are made with, as in generate:N?version=V (default: the version that this"
              + " load makes).")
  private @Nullable Long dataVersion;

  @Option(
      names = "--input-dir",
      paramLabel = "DIR",
      description =
          "Where the files are written; those of the same set that are there are used, and stay"
              + " (default: below --temp-dir).")
  private @Nullable Path inputDirectory;

  @Option(names = "--keep-input", description = "Leaves the files in --input-dir.")
  private boolean keepsInput;

  @Option(
      names = "--input-only",
      description = "Writes the files to --input-dir and loads nothing.")
  private boolean isInputOnly;

  @Option(
      names = "--on-cluster",
      description = "The nodes with the duty build do the work, as in featurekv load.")
  private boolean isOnCluster;

  @Option(names = "--ignore-disk", description = "Does not check disks for room.")
  private boolean ignoresDisk;

  @Mixin private Workspace workspace = new Workspace();

  BenchLoadCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    check();
    return isInputOnly ? writeInput() : load();
  }

  private void check() {
    within("--entries", entries, 1, GeneratedEntries.FIRST_ABSENT);
    within("--value-bytes", valueBytes, 0, Limits.MAX_VALUE_BYTES);
    if (dataVersion != null) {
      within("--data-version", dataVersion, 1, Long.MAX_VALUE);
    }
    if ((isInputOnly || keepsInput) && (inputDirectory == null || source == Format.GENERATE)) {
      throw usage(
          "--keep-input and --input-only need --source csv or parquet, and --input-dir: where the"
              + " files go");
    }
    if (!isInputOnly && table.isEmpty()) {
      throw usage("--table is missing: the table to load");
    }
  }

  private void within(String option, long given, long least, long most) {
    if (given < least || given > most) {
      throw usage(option + ": expected " + least + " to " + most + ", found " + given);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private int writeInput() {
    LoadPlan plan = plan(1);
    if (!ignoresDisk) {
      DiskBudget.ofInput(plan, DiskPlaces.look(plan, List.of())).check();
    }
    try (ProgressDisplay progress = ProgressDisplay.start(session);
        Interruption interruption = Interruption.watch(session, progress, false);
        InputSet input =
            InputSet.prepare(plan.input(), plan.inputDirectory(), true, interruption)) {
      progress.end();
      session.message(
          plan.inputDirectory()
              + ": "
              + Human.bytes(input.bytes())
              + ", "
              + plan.input().describe());
    }
    return ExitCode.DONE;
  }

  private int load() {
    TableName.checked("table", table);
    Machine machine = Machine.describe();
    try (Cluster cluster = session.connect(CALL_TIMEOUT)) {
      LoadPlan plan = plan(nextVersion(cluster.metadata()));
      if (!ignoresDisk) {
        DiskBudget.of(plan, DiskPlaces.look(plan, cluster.metadata().nodes().values())).check();
      }
      TargetTable.ensure(session, cluster, table, kind);
      measure(cluster, plan, machine);
    }
    return ExitCode.DONE;
  }

  /** An interruption waits until the files are removed. */
  private void measure(Cluster cluster, LoadPlan plan, Machine machine) {
    try (ProgressDisplay progress = ProgressDisplay.start(session);
        Interruption interruption = Interruption.watch(session, progress, isOnCluster);
        InputSet input =
            InputSet.prepare(
                plan.input(), plan.inputDirectory(), plan.isInputKept(), interruption);
        LoadWatch watch =
            LoadWatch.start(interruption, cluster.metadata().nodes().values(), plan.boundBytes())) {
      interruption.onLateEnd(input::close);
      LoadReport report = LoadRunner.run(cluster.admin(), plan.request(), watch);
      LoadMeasure measure =
          new LoadMeasure(plan, report, watch.cost(), input.bytes(), input.seconds());
      progress.end();
      session.show(new LoadMeasureView(measure, machine));
    }
  }

  private long nextVersion(ClusterMetadata metadata) {
    TableRecord record = metadata.tables().get(table);
    return record == null ? 1 : record.nextVersion();
  }

  private LoadPlan plan(long version) {
    Path directory = inputDirectory;
    if (directory == null) {
      directory =
          workspace.directory().resolve("featurekv-bench-load-" + ProcessHandle.current().pid());
    }
    return new LoadPlan(
        table,
        kind,
        new InputPlan(source, entries, valueBytes, dataVersion == null ? version : dataVersion),
        directory,
        keepsInput,
        workspace.boundBytes(),
        workspace.memoryBytes(spec.commandLine()),
        workspace.directory(),
        session.timeoutOr(DEFAULT_PATIENCE),
        isOnCluster);
  }
}
