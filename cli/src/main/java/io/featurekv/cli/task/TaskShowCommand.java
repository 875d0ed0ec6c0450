package io.featurekv.cli.task;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TaskView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv task show}. */
@Command(name = "show", header = "Shows one batch write: state, stage, counts, reason.")
@Examples({
  "featurekv task show nightly-2026-11-22",
  "featurekv task show nightly-2026-11-22 -o json"
})
public final class TaskShowCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "ID", description = "Id of the task.")
  private String id = "";

  TaskShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(TaskView.of(cluster.metadata(), cluster.task(id)));
    }
    return ExitCode.DONE;
  }
}
