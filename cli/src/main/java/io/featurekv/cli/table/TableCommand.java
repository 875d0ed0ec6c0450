package io.featurekv.cli.table;

import io.featurekv.cli.session.CommandGroup;
import io.featurekv.cli.session.Examples;
import picocli.CommandLine.Command;

/** {@code featurekv table}. */
@Command(
    name = "table",
    header = "Creates, shows, changes and drops tables.",
    subcommands = {
      TableCreateCommand.class,
      TableListCommand.class,
      TableShowCommand.class,
      TableAlterCommand.class,
      TableDropCommand.class
    })
@Examples({
  "featurekv table create users --kind mem --shards 16",
  "featurekv table list",
  "featurekv table show users",
  "featurekv table alter users --retain 5",
  "featurekv table drop users --yes"
})
public final class TableCommand extends CommandGroup {}
