package io.featurekv.cli.cluster;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.NodeListView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code featurekv node list}. */
@Command(
    name = "list",
    header = "Lists the nodes: sect, state, duties, part in the metadata, addresses.")
@Examples({"featurekv node list", "featurekv node list -o json"})
public final class NodeListCommand implements Callable<Integer> {
  private final Session session;

  NodeListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      session.show(
          new NodeListView(
              List.copyOf(cluster.metadata().nodes().values()), cluster.view().leader()));
    }
    return ExitCode.DONE;
  }
}
