package io.featurekv.cli.version;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.view.ActivationView;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.Command.Rollback;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionState;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code featurekv rollback}. */
@Command(
    name = "rollback",
    header = "Goes back to an earlier version of a table.",
    description = {
      "Without --to, to the newest retained version below the active one. The version that was active becomes",
      "ROLLED_BACK: it stays readable and 'version activate' brings it back. While a canary bakes, without --to only its",
      "trial ends: the active version stays."
    })
@Examples({"featurekv rollback users", "featurekv rollback users --to 5"})
public final class RollbackCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "TABLE", description = "Name of the table.")
  private String name = "";

  @Option(names = "--to", paramLabel = "VERSION", description = "Version to go back to.")
  private long to;

  RollbackCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Cluster cluster = session.connect()) {
      TableRecord table = cluster.table(name);
      if (to != 0) {
        Cluster.versionOf(table, to);
      }
      CommandResult result = cluster.propose(new Rollback(name, to));
      if (table.canary() != null) {
        session.message(told(table.canary(), result.version()));
      }
      session.show(
          new ActivationView(
              name,
              result.version(),
              VersionState.ACTIVE.name(),
              table.activeVersion(),
              result.index()));
    }
    return ExitCode.DONE;
  }

  /** What became of a trial, now that a version is active for good. */
  static String told(Canary canary, long active) {
    String trial = "the trial of version " + canary.version() + " in sect " + canary.sect();
    return canary.version() == active
        ? trial + " is over: it is active in all sects now"
        : "ended " + trial;
  }
}
