package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableView;
import io.featurekv.metadata.Command.CreateTable;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.RowColumn;
import io.featurekv.model.TableKind;
import io.featurekv.model.TableName;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv table create}. */
@Command(
    name = "create",
    header = "Creates an empty table.",
    description = {
      "With --columns the values of the table are typed rows: loads match the columns of their inputs by name, and reads",
      "may ask for some columns of each row. Columns are NAME:TYPE, NAME:TYPE? if they may be null, and =DEFAULT behind",
      "for rows that do not have them. Types: int64, double, float, bool, string, bytes and list<float>."
    })
@Examples({
  "featurekv table create users --kind mem",
  "featurekv table create people --kind idx --columns 'name:string,born:int64?,score:float=0,emb:list<float>'",
  "featurekv table create items --kind idx --shards 16 --retain 5 --entry-ttl 7d",
  "featurekv table create prices --kind mem --max-shrink 20% --max-growth 100%",
  "featurekv table create archive --kind blk --block-entries 32 --version-ttl 90d --max-value 4MiB --activate-when all"
})
public final class TableCreateCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "TABLE",
      description = "Name: 1 to 64 of A-Z a-z 0-9 _ . -, a letter or digit first.")
  private String name = "";

  @Option(
      names = "--kind",
      required = true,
      paramLabel = "mem|idx|blk",
      converter = KindWord.class,
      description = {
        "mem: all in memory. idx: index in memory, values on disk, range scans.",
        "blk: compressed blocks on disk, range scans."
      })
  private TableKind kind = TableKind.MEM;

  @Option(
      names = "--columns",
      paramLabel = "NAME:TYPE,...",
      description = "The columns of the table's rows, in order (default: values are bytes).")
  private List<String> columns = List.of();

  @Mixin private TableOptionFlags options = new TableOptionFlags();

  TableCreateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    TableName.checked("table", name);
    List<RowColumn> rows = RowColumn.parseAll(columns);
    TableOptions chosen = options.over(TableOptionFlags.DEFAULTS, kind, spec.commandLine());
    try (Cluster cluster = session.connect()) {
      cluster.propose(new CreateTable(name, kind, chosen, rows));
      session.message("created table " + name + " (" + kind.word() + ")");
      var metadata = cluster.admin().read().metadata();
      session.showJson(new TableView(metadata, Cluster.tableOf(metadata, name)));
    }
    return ExitCode.DONE;
  }
}
