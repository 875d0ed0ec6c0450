package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableListView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code featurekv table list}. */
@Command(name = "list", header = "Lists the tables with their options.")
@Examples({"featurekv table list", "featurekv table list -o jsonl"})
public final class TableListCommand implements Callable<Integer> {
  private final Session session;

  TableListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(new TableListView(cluster.metadata()));
    }
    return ExitCode.DONE;
  }
}
