package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableView;
import io.featurekv.metadata.Command.AlterTable;
import io.featurekv.metadata.TableRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv table alter}. */
@Command(
    name = "alter",
    header = "Changes options of a table.",
    description =
        "Options that are not given stay as they are. Another shard count takes effect at the next full load.")
@Examples({
  "featurekv table alter users --retain 5",
  "featurekv table alter users --shards 32",
  "featurekv table alter users --activate-when all --max-value 4MiB",
  "featurekv table alter users --max-shrink 10% --max-growth 200% --max-duplicates off"
})
public final class TableAlterCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Mixin private TableOptionFlags options = new TableOptionFlags();

  TableAlterCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (options.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "nothing to change: give an option of the table, like --retain 5; --help lists them");
    }
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      cluster.propose(
          new AlterTable(name, options.over(table.options(), table.kind(), spec.commandLine())));
      session.message("changed table " + name);
      var metadata = cluster.admin().read().metadata();
      session.showJson(new TableView(metadata, Cluster.tableOf(metadata, name)));
    }
    return ExitCode.DONE;
  }
}
