package io.featurekv.cli.task;

import io.featurekv.cli.session.CommandGroup;
import io.featurekv.cli.session.Examples;
import picocli.CommandLine.Command;

/** {@code featurekv task}. */
@Command(
    name = "task",
    header = "Shows, cancels and retries batch writes.",
    description = {
      "A load that failed or was interrupted goes on with 'task retry', or when the same 'featurekv load' is run again",
      "with --operation-id and the id of the task; both where its inputs are."
    },
    subcommands = {
      TaskListCommand.class,
      TaskShowCommand.class,
      TaskCancelCommand.class,
      TaskRetryCommand.class
    })
@Examples({
  "featurekv task list",
  "featurekv task show nightly-2026-11-22",
  "featurekv task cancel nightly-2026-11-22",
  "featurekv task retry nightly-2026-11-22"
})
public final class TaskCommand extends CommandGroup {}
