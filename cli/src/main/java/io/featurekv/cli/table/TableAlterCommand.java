package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableView;
import io.featurekv.metadata.Command.AlterTable;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv table alter}. */
@Command(
    name = "alter",
    header = "Changes options of a table.",
    description = {
      "Options that are not given stay as they are. Another shard count takes effect at the next full load.",
      "Columns are only ever added, at the end, and need a default or '?' for the rows that are there. A float may become",
      "a double, and any column one that may be null. Whatever else would change a column is refused."
    })
@Examples({
  "featurekv table alter people --add-columns 'city:string?,visits:int64=0'",
  "featurekv table alter people --add-columns score:double",
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

  @Option(
      names = "--add-columns",
      paramLabel = "NAME:TYPE,...",
      description =
          "Columns to add to the table's rows, as for table create; or, of one that is there, its wider type.")
  private List<String> columns = List.of();

  @Mixin private TableOptionFlags options = new TableOptionFlags();

  TableAlterCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<RowColumn> changes = RowColumn.parseAll(columns);
    if (options.isEmpty() && changes.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "nothing to change: give an option of the table, like --retain 5; --help lists them");
    }
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      TableOptions chosen = options.over(table.options(), table.kind(), spec.commandLine());
      cluster.propose(new AlterTable(name, chosen, allColumns(table.schema(), changes)));
      session.message("changed table " + name);
      var metadata = cluster.admin().read().metadata();
      session.showJson(new TableView(metadata, Cluster.tableOf(metadata, name)));
    }
    return ExitCode.DONE;
  }

  /** All columns that there are to be; none where nothing is said of them. */
  private static List<RowColumn> allColumns(@Nullable RowSchema present, List<RowColumn> changes) {
    return present == null || changes.isEmpty() ? changes : present.with(changes);
  }
}
