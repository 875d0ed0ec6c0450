package io.featurekv.cli.bench;

import io.featurekv.cli.session.CommandGroup;
import io.featurekv.cli.session.Examples;
import picocli.CommandLine.Command;

/** {@code featurekv bench}. */
@Command(
    name = "bench",
    header = "Puts load on a cluster and measures what it takes.",
    subcommands = {BenchReadCommand.class, BenchLoadCommand.class})
@Examples({
  "featurekv load t 'generate:10000000?version=1' --create mem     entries that bench knows",
  "featurekv bench read --table t --entries 10M --rate 500k",
  "featurekv bench load --table t --entries 10M --source parquet"
})
public final class BenchCommand extends CommandGroup {}
