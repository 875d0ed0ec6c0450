package io.featurekv.cli.task;

import io.featurekv.cli.session.CommandGroup;
import io.featurekv.cli.session.Examples;
import picocli.CommandLine.Command;

/** {@code featurekv task}. */
@Command(
    name = "task",
    header = "Shows and cancels batch writes.",
    description = {
      "A load that failed or was interrupted goes on when the same 'featurekv load' is run again, where its inputs",
      "are, with --operation-id and the id of the task."
    },
    subcommands = {TaskListCommand.class, TaskShowCommand.class, TaskCancelCommand.class})
@Examples({
  "featurekv task list",
  "featurekv task show nightly-2026-11-22",
  "featurekv task cancel nightly-2026-11-22"
})
public final class TaskCommand extends CommandGroup {}
