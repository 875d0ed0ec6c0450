package io.featurekv.cli.cluster;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.StatusView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code featurekv status}. */
@Command(
    name = "status",
    header = "Shows the cluster: nodes, tables, and what is degraded.",
    description =
        "Exits with 0 whatever the health is: 'featurekv wait healthy --timeout 1s' tests it.")
@Examples({
  "featurekv status",
  "featurekv status -o json",
  "featurekv status --endpoint 10.0.0.1:7400,10.0.0.2:7400"
})
public final class StatusCommand implements Callable<Integer> {
  private final Session session;

  StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(new StatusView(cluster.view()));
    }
    return ExitCode.DONE;
  }
}
