package io.featurekv.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.session.Examples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class HelpTest {
  static Stream<String> everyCommand() {
    List<String> names = new ArrayList<>();
    collect(Typed.parse(Map.of()), names);
    return names.stream();
  }

  private static void collect(CommandLine command, List<String> names) {
    names.add(command.getCommandSpec().qualifiedName());
    command.getSubcommands().values().forEach(child -> collect(child, names));
  }

  private static String[] words(String qualifiedName, String... more) {
    List<String> words = new ArrayList<>(List.of(qualifiedName.split(" ")));
    words.removeFirst();
    words.addAll(List.of(more));
    return words.toArray(new String[0]);
  }

  private static CommandLine find(String qualifiedName) {
    CommandLine command = Typed.parse(Map.of());
    for (String word : words(qualifiedName)) {
      command = command.getSubcommands().get(word);
    }
    return command;
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void showsExamplesFirst(String name) {
    Typed help = Typed.run(words(name, "--help"));
    assertThat(help.exitCode()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).contains("Examples\n  ");
    assertThat(help.out().indexOf("Examples")).isLessThan(help.out().indexOf("Usage"));
  }

  /** An example that does not parse teaches the wrong thing. */
  @ParameterizedTest
  @MethodSource("everyCommand")
  void showsOnlyExamplesThatParse(String name) {
    Examples examples =
        find(name).getCommandSpec().userObject().getClass().getAnnotation(Examples.class);
    for (String example :
        String.join("\n", examples.value()).replace(" \\\n", "").lines().toList()) {
      if (example.startsWith("featurekv ")) {
        String typed =
            example
                .replace("'", "")
                .replace("--config /etc/featurekv.yaml", "")
                .replaceAll(" {4,}(?!--).*", "")
                .strip();
        Typed.parse(Map.of(), words(typed.replaceAll(" +", " ")));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void takesTheGlobalOptions(String name) {
    assertThat(find(name).getCommandSpec().optionsMap())
        .containsKeys("--endpoint", "-o", "--output", "--timeout", "--help", "--version");
  }

  @Test
  void hasTheCommandsOfThePromiseAndNoneThatIsYetToCome() {
    assertThat(new TreeSet<>(everyCommand().toList()))
        .contains(
            "featurekv server",
            "featurekv demo",
            "featurekv load",
            "featurekv get",
            "featurekv scan",
            "featurekv status",
            "featurekv wait",
            "featurekv inspect",
            "featurekv rollback",
            "featurekv node list",
            "featurekv table create",
            "featurekv table list",
            "featurekv table show",
            "featurekv table alter",
            "featurekv table drop",
            "featurekv task list",
            "featurekv task show",
            "featurekv task cancel",
            "featurekv version list",
            "featurekv version show",
            "featurekv version activate",
            "featurekv version drop",
            "featurekv bench read",
            "featurekv bench load",
            "featurekv maelstrom")
        .doesNotContain(
            "featurekv doctor", "featurekv meta", "featurekv version diff", "featurekv node drain");
    assertThat(find("featurekv load").getCommandSpec().optionsMap())
        .containsKeys("--on-cluster", "--verify", "--canary", "--bake");
  }

  @Test
  void tellsTheProgramsVersion() {
    assertThat(Typed.run("--version").out()).startsWith("featurekv ");
    assertThat(Typed.run("get", "-V").out()).startsWith("featurekv ");
  }
}
