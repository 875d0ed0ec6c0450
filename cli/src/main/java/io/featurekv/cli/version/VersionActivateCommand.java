package io.featurekv.cli.version;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.ActivationView;
import io.featurekv.metadata.Command.ActivateVersion;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionState;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv version activate}. */
@Command(
    name = "activate",
    header = "Makes a version the one that reads see.",
    description =
        "It must be READY, RETAINED or ROLLED_BACK. The version before it stays readable. A canary goes on to all sects at"
            + " once; where another version is one, its trial ends.")
@Examples("featurekv version activate users 7")
public final class VersionActivateCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "Number of the version.")
  private long number;

  VersionActivateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      Cluster.versionOf(table, number);
      CommandResult result = cluster.propose(new ActivateVersion(name, number));
      session.show(
          new ActivationView(
              name, number, VersionState.ACTIVE.name(), table.activeVersion(), result.index()));
    }
    return ExitCode.DONE;
  }
}
