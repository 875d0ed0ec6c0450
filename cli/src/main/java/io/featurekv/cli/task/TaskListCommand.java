package io.featurekv.cli.task;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TaskListView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code featurekv task list}. */
@Command(name = "list", header = "Lists the batch writes that the cluster remembers, oldest first.")
@Examples({"featurekv task list", "featurekv task list -o jsonl"})
public final class TaskListCommand implements Callable<Integer> {
  private final Session session;

  TaskListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(new TaskListView(List.copyOf(cluster.metadata().tasks().values())));
    }
    return ExitCode.DONE;
  }
}
