package io.featurekv.cli.task;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TaskView;
import io.featurekv.metadata.Command.FailTask;
import io.featurekv.metadata.TaskRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv task cancel}. */
@Command(
    name = "cancel",
    header = "Ends a batch write that has not finished; its builder stops.",
    description = "The version it was building becomes FAILED. What is active stays active.")
@Examples("featurekv task cancel nightly-2026-11-22")
public final class TaskCancelCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "ID", description = "Id of the task.")
  private String id = "";

  TaskCancelCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      TaskRecord task = cluster.task(id);
      cluster.propose(new FailTask(id, task.attempt(), "cancelled by an operator", true));
      session.message("cancelled task " + id);
      TaskRecord now = cluster.admin().read().metadata().tasks().get(id);
      session.showJson(new TaskView(now == null ? task : now, null));
    }
    return ExitCode.DONE;
  }
}
