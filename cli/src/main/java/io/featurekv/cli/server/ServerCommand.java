package io.featurekv.cli.server;

import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.node.Node;
import io.featurekv.node.NodeConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code featurekv server}. */
@Command(
    name = "server",
    header = "Runs a node until it is told to stop.",
    description = {
      "On an empty data directory it begins a new cluster, or joins the one of --join. On a restart the data directory",
      "decides what the node is, and --join only finds the others. SIGTERM and SIGINT stop it cleanly."
    })
@Examples({
  "featurekv server",
  "featurekv server --data-dir /data/n1 --node-id n1 --sect a",
  "featurekv server --data-dir /data/n2 --node-id n2 --sect b --join 10.0.0.1:7400 \\",
  "    --listen 0.0.0.0:7400 --raft-listen 0.0.0.0:7401 --http-listen 0.0.0.0:7480 --advertise 10.0.0.2",
  "featurekv server --config /etc/featurekv.yaml"
})
public final class ServerCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private ServerOptions options = new ServerOptions();

  @Option(
      names = "--stop-at-end-of-input",
      hidden = true,
      description = "Stops when standard input ends: when its parent does.")
  private boolean stopsAtEndOfInput;

  ServerCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    NodeConfig config = options.toNodeConfig();
    Logging.forServer();
    try (Node node = Node.start(config)) {
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(node::close));
      session.show(new NodeUpView(node.clusterId(), node.nodeId(), node.listen(), config));
      if (stopsAtEndOfInput) {
        Thread.ofPlatform().name("parent-watch").daemon().start(() -> closeAtEndOfInput(node));
      }
      node.closed().await();
    }
    return stopsAtEndOfInput ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void closeAtEndOfInput(Node node) {
    try {
      while (session.streams().in().read() >= 0) {
        // Nothing is said here: only the end counts.
      }
    } catch (IOException e) {
      session.message("featurekv: standard input: " + e.getMessage());
    }
    node.close();
  }
}
