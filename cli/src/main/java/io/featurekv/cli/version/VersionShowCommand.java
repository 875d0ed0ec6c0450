package io.featurekv.cli.version;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.VersionView;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv version show}. */
@Command(name = "show", header = "Shows one version: its files, who has them and who serves them.")
@Examples({"featurekv version show users 7", "featurekv version show users 7 -o json"})
public final class VersionShowCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "Number of the version.")
  private long number;

  VersionShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      VersionRecord version = Cluster.versionOf(table, number);
      TaskRecord task = cluster.metadata().tasks().get(version.taskId());
      session.show(new VersionView(table, version, task == null ? Set.of() : task.ignoredGates()));
    }
    return ExitCode.DONE;
  }
}
