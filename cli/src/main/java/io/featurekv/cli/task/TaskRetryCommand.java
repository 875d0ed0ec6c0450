package io.featurekv.cli.task;

import io.featurekv.cli.load.Interruption;
import io.featurekv.cli.load.LoadWords;
import io.featurekv.cli.load.ProgressDisplay;
import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.LoadReportView;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv task retry}. */
@Command(
    name = "retry",
    header = "Runs the load of a task again under the task's own id.",
    description = {
      "Goes on with a task that failed or was interrupted; a finished one returns its first result. The inputs must be",
      "there, on this machine, as they were: others are refused. A task of --on-cluster runs again on the builders, which",
      "need the inputs, and go on from the splits that were read."
    })
@Examples("featurekv task retry nightly-2026-11-22")
public final class TaskRetryCommand implements Callable<Integer> {
  private static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(10);

  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "ID", description = "Id of the task.")
  private String id = "";

  TaskRetryCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<String> load = new ArrayList<>();
    try (Cluster cluster = session.connect()) {
      TaskRecord task = cluster.task(id);
      if (task.build() != null) {
        return onCluster(cluster, task);
      }
      List<String> words = LoadWords.split(task.inputs());
      if (!words.getFirst().equals("load") || words.contains("-")) {
        throw new FeatureKvException(
            ErrorCode.CONFLICT,
            "task "
                + id
                + " cannot be run again from here: it was not begun by featurekv load, or read standard input: "
                + task.inputs());
      }
      load.addAll(words);
    }
    load.addAll(List.of("--operation-id", id));
    load.addAll(
        List.of(
            "--endpoint",
            session.global().endpoints().stream()
                .map(Endpoint::toString)
                .collect(Collectors.joining(","))));
    load.addAll(List.of("-o", session.global().format().name().toLowerCase(Locale.ROOT)));
    return spec.root().commandLine().execute(load.toArray(String[]::new));
  }

  /** The builders have the plan, and the splits that were read. */
  private int onCluster(Cluster cluster, TaskRecord task) {
    try (ProgressDisplay progress = ProgressDisplay.start(session);
        Interruption interruption = Interruption.watch(session, progress, true)) {
      LoadReport report =
          LoadRunner.retry(
              cluster.admin(), task, session.timeoutOr(DEFAULT_PATIENCE), interruption);
      progress.end();
      session.show(new LoadReportView(report));
    }
    return ExitCode.DONE;
  }
}
