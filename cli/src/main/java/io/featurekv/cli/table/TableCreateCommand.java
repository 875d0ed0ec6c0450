package io.featurekv.cli.table;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.TableView;
import io.featurekv.metadata.Command.CreateTable;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.TableKind;
import io.featurekv.model.TableName;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv table create}. */
@Command(name = "create", header = "Creates an empty table.")
@Examples({
  "featurekv table create users --kind mem",
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

  @Mixin private TableOptionFlags options = new TableOptionFlags();

  TableCreateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    TableName.checked("table", name);
    TableOptions chosen = options.over(TableOptionFlags.DEFAULTS, kind, spec.commandLine());
    try (Cluster cluster = session.connect()) {
      cluster.propose(new CreateTable(name, kind, chosen));
      session.message("created table " + name + " (" + kind.word() + ")");
      var metadata = cluster.admin().read().metadata();
      session.showJson(new TableView(metadata, Cluster.tableOf(metadata, name)));
    }
    return ExitCode.DONE;
  }
}
