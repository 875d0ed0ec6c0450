package io.featurekv.cli;

import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code featurekv generate-completion}. */
@Command(
    name = "generate-completion",
    hidden = true,
    header = "Prints a script with which bash and zsh complete commands and options.")
@Examples("source <(featurekv generate-completion)")
final class CompletionCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompletionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.streams().out().print(AutoComplete.bash("featurekv", spec.root().commandLine()));
    return ExitCode.DONE;
  }
}
