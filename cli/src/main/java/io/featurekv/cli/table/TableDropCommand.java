package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableDroppedView;
import io.featurekv.metadata.Command.DropTable;
import io.featurekv.metadata.TableRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv table drop}. */
@Command(
    name = "drop",
    header = "Drops a table with all its versions; there is no way back.",
    description =
        "A table created later under the same name goes on counting versions where this one stopped.")
@Examples("featurekv table drop users --yes")
public final class TableDropCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Option(names = "--yes", description = "Really do it.")
  private boolean yes;

  TableDropCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (!yes) {
      throw new ParameterException(
          spec.commandLine(),
          "dropping " + name + " deletes all its versions for good; add --yes to do it");
    }
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      cluster.propose(new DropTable(name));
      session.show(new TableDroppedView(name, table.versions().size()));
    }
    return ExitCode.DONE;
  }
}
