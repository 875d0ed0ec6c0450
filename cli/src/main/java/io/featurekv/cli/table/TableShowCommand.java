package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv table show}. */
@Command(name = "show", header = "Shows one table: its options, health and versions.")
@Examples({"featurekv table show users", "featurekv table show users -o json"})
public final class TableShowCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  TableShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(new TableView(cluster.metadata(), cluster.table(name)));
    }
    return ExitCode.DONE;
  }
}
