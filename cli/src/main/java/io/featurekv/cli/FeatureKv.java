package io.featurekv.cli;

import io.featurekv.cli.bench.BenchCommand;
import io.featurekv.cli.cluster.NodeCommand;
import io.featurekv.cli.cluster.StatusCommand;
import io.featurekv.cli.cluster.WaitCommand;
import io.featurekv.cli.demo.DemoCommand;
import io.featurekv.cli.load.LoadCommand;
import io.featurekv.cli.maelstrom.MaelstromCommand;
import io.featurekv.cli.option.GlobalOptions;
import io.featurekv.cli.read.GetCommand;
import io.featurekv.cli.read.InspectCommand;
import io.featurekv.cli.read.ScanCommand;
import io.featurekv.cli.server.ServerCommand;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.table.TableCommand;
import io.featurekv.cli.task.TaskCommand;
import io.featurekv.cli.version.RollbackCommand;
import io.featurekv.cli.version.VersionCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root command. */
@Command(
    name = "featurekv",
    header = "FeatureKV: files in, versioned tables out, read at one consistent version.",
    footer = {
      "",
      "A flag beats FEATUREKV_<OPTION> in the environment (--data-dir: FEATUREKV_DATA_DIR), which beats the",
      "server's --config file, which beats the default. FEATUREKV_DEBUG=1 shows stack traces, FEATUREKV_LOG=debug",
      "the log, FEATUREKV_JAVA_OPTS adds options of the Java virtual machine, FEATUREKV_CLASSPATH what is found besides",
      "the executable: sources of others (docs/sources.md).",
      "",
      "Exit codes: 0 done, 1 failed, 2 usage, 3 partly done, 4 not found, 69 unavailable, 75 try again,",
      "78 configuration, 130 interrupted."
    },
    subcommands = {
      DemoCommand.class,
      ServerCommand.class,
      TableCommand.class,
      LoadCommand.class,
      TaskCommand.class,
      VersionCommand.class,
      RollbackCommand.class,
      GetCommand.class,
      ScanCommand.class,
      StatusCommand.class,
      WaitCommand.class,
      NodeCommand.class,
      InspectCommand.class,
      BenchCommand.class,
      MaelstromCommand.class,
      CompletionCommand.class
    })
@Examples({
  "featurekv demo                                     the whole job on a cluster of three nodes, on this machine",
  "featurekv server --data-dir ./featurekv-data       one node",
  "featurekv load cities cities.csv --create mem --key id",
  "featurekv get cities 10115 10117",
  "featurekv status"
})
final class FeatureKv implements Callable<Integer> {
  @Mixin private final GlobalOptions global;
  @Spec private CommandSpec spec = CommandSpec.create();

  FeatureKv(Session session) {
    this.global = session.global();
  }

  GlobalOptions global() {
    return global;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }
}
