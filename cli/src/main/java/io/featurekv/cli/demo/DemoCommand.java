package io.featurekv.cli.demo;

import io.featurekv.cli.server.Logging;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code featurekv demo}. */
@Command(
    name = "demo",
    header =
        "Does the whole job on a real cluster of three nodes on this machine, and checks every answer.",
    description = {
      "Starts three nodes in two sects, creates a table of each kind, loads entries, reads every key back, pushes a",
      "second full version and an increment while a reader goes on, rolls back, kills a node with SIGKILL and",
      "reads on. Prints what it did with figures. Leaves nothing behind. Exits with 1 if any check failed."
    })
@Examples({
  "featurekv demo",
  "featurekv demo --rows 1000000",
  "featurekv demo --input cities.csv --key id",
  "featurekv demo --serve                stays up, with commands to try"
})
public final class DemoCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "200000",
      description = "Generated entries in each table (default: ${DEFAULT-VALUE}).")
  private long rows;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Files to load in place of generated entries; needs --key.")
  private List<String> inputs = List.of();

  @Option(
      names = "--key",
      paramLabel = "COL",
      split = ",",
      description = "Key column of --input; several are joined with ':'.")
  private List<String> keyColumns = List.of();

  @Option(names = "--serve", description = "Stays up at the end, until Ctrl-C.")
  private boolean serves;

  DemoCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rows < 1) {
      throw new ParameterException(spec.commandLine(), "--rows must be at least 1, not " + rows);
    }
    if (inputs.isEmpty() != keyColumns.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--input and --key go together: what to load, and the column that holds the key");
    }
    Logging.errorsOnly();
    session.message("starting three nodes in two sects (a, a, b) ...");
    try (DemoCluster cluster = DemoCluster.start()) {
      DemoEntries entries =
          inputs.isEmpty()
              ? new GeneratedDemoEntries(rows)
              : new FileDemoEntries(inputs, keyColumns);
      Checks checks = new Checks();
      try (Demonstration demonstration = new Demonstration(session, cluster, entries, checks)) {
        demonstration.run();
      }
      session.show(checks);
      if (serves) {
        Serving.untilInterrupted(session, cluster);
      }
      return checks.allRight() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }
}
