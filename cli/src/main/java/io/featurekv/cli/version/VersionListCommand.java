package io.featurekv.cli.version;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.VersionListView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv version list}. */
@Command(name = "list", header = "Lists the versions of a table, oldest first.")
@Examples({"featurekv version list users", "featurekv version list users -o json"})
public final class VersionListCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  VersionListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(new VersionListView(cluster.table(name)));
    }
    return ExitCode.DONE;
  }
}
