package io.featurekv.cli;

import io.featurekv.cli.session.Examples;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Puts the examples of a command first in its help, right below its one-line summary. */
final class HelpLayout {
  private static final String EXAMPLES = "examples";

  private HelpLayout() {}

  static void install(CommandLine command) {
    Examples examples =
        command.getCommandSpec().userObject().getClass().getAnnotation(Examples.class);
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    if (examples != null) {
      usage.sectionMap().put(EXAMPLES, help -> render(help, examples));
      List<String> keys = new ArrayList<>(usage.sectionKeys());
      keys.add(keys.indexOf(UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING), EXAMPLES);
      usage.sectionKeys(keys);
      usage.synopsisHeading("%n@|bold Usage|@%n  ");
      usage.parameterListHeading("%n");
      usage.optionListHeading("%n@|bold Options|@%n");
      usage.commandListHeading("%n@|bold Commands|@%n");
    }
    for (CommandLine child : Set.copyOf(command.getSubcommands().values())) {
      install(child);
    }
  }

  private static String render(Help help, Examples examples) {
    StringBuilder text =
        new StringBuilder("\n")
            .append(help.colorScheme().ansi().string("@|bold Examples|@"))
            .append('\n');
    for (String line : examples.value()) {
      text.append("  ").append(line).append('\n');
    }
    return text.toString();
  }
}
