package io.featurekv.cli.version;

import io.featurekv.cli.session.CommandGroup;
import io.featurekv.cli.session.Examples;
import picocli.CommandLine.Command;

/** {@code featurekv version}. */
@Command(
    name = "version",
    header = "Shows, activates and drops versions of a table.",
    subcommands = {
      VersionListCommand.class,
      VersionShowCommand.class,
      VersionActivateCommand.class,
      VersionDropCommand.class
    })
@Examples({
  "featurekv version list users",
  "featurekv version show users 7",
  "featurekv version activate users 7",
  "featurekv version drop users 5"
})
public final class VersionCommand extends CommandGroup {}
