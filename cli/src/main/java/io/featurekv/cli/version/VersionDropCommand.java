package io.featurekv.cli.version;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.ActivationView;
import io.featurekv.metadata.Command.DropVersion;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionState;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv version drop}. */
@Command(
    name = "drop",
    header = "Gives up a version; its files go once nobody reads them.",
    description = "The active version, and one that a kept increment builds on, cannot be dropped.")
@Examples("featurekv version drop users 5")
public final class VersionDropCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "Number of the version.")
  private long number;

  VersionDropCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      Cluster.versionOf(table, number);
      CommandResult result = cluster.propose(new DropVersion(name, number));
      session.show(
          new ActivationView(name, number, VersionState.DROPPED.name(), 0, result.index()));
    }
    return ExitCode.DONE;
  }
}
