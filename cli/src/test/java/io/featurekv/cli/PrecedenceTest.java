package io.featurekv.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PrecedenceTest {
  @TempDir private Path directory;

  private String config(String yaml) throws IOException {
    return Files.writeString(directory.resolve("node.yaml"), yaml).toString();
  }

  private static Object server(CommandLine root, String option) {
    return root.getSubcommands().get("server").getCommandSpec().findOption(option).getValue();
  }

  @Test
  void aFlagBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefault() throws IOException {
    String file = config("sect: from-file\nnode-id: file-id\nvoters: 5\nlisten: 127.0.0.1:1111\n");
    Map<String, String> environment =
        Map.of("FEATUREKV_SECT", "from-env", "FEATUREKV_NODE_ID", "env-id");
    CommandLine root = Typed.parse(environment, "server", "--config", file, "--node-id", "flag-id");
    assertThat(server(root, "--node-id")).isEqualTo("flag-id");
    assertThat(server(root, "--sect")).isEqualTo("from-env");
    assertThat(server(root, "--voters")).isEqualTo(5);
    assertThat(server(root, "--data-dir")).isEqualTo(Path.of("./featurekv-data"));
  }

  @Test
  void theEnvironmentNamesTheFile() throws IOException {
    String file = config("sect: from-file");
    assertThat(server(Typed.parse(Map.of("FEATUREKV_CONFIG", file), "server"), "--sect"))
        .isEqualTo("from-file");
  }

  @Test
  void aListStandsForCommas() throws IOException {
    String file = config("join: [127.0.0.1:1, '127.0.0.1:2']\nduties: [meta, serve]\n");
    CommandLine root = Typed.parse(Map.of(), "server", "--config=" + file);
    assertThat((List<?>) server(root, "--join")).hasSize(2);
    assertThat((List<?>) server(root, "--duties")).hasSize(2);
  }

  @Test
  void aListOfPairsStandsForAMap() throws IOException {
    String file = config("resp-listen: 'on'\nresp-databases: [1=users, 2=items]\n");
    CommandLine root = Typed.parse(Map.of(), "server", "--config", file);
    assertThat(server(root, "--resp-databases")).isEqualTo(Map.of(1, "users", 2, "items"));
    assertThat(server(root, "--resp-listen")).isEqualTo("on");
  }

  @Test
  void globalOptionsBeforeTheCommandStay() {
    CommandLine root =
        Typed.parse(Map.of("FEATUREKV_TIMEOUT", "9s"), "--endpoint", "h:1", "get", "t", "k");
    assertThat(root.getCommandSpec().findOption("--endpoint").getValue().toString())
        .contains("h:1");
    assertThat(root.getCommandSpec().findOption("--timeout").getValue().toString())
        .isEqualTo("PT9S");
  }

  @Test
  void anUnknownKeyIsAConfigurationError() throws IOException {
    Typed typed = Typed.run("server", "--config", config("sekt: a"));
    assertThat(typed.exitCode()).isEqualTo(78);
    assertThat(typed.err()).contains("unknown key 'sekt'").contains("sect");
  }

  @Test
  void aFileThatIsNoneOrNoYamlIsAConfigurationError() throws IOException {
    assertThat(Typed.run("server", "--config", "/no/such/file").exitCode()).isEqualTo(78);
    assertThat(Typed.run("server", "--config", config("a: [")).exitCode()).isEqualTo(78);
    assertThat(Typed.run("server", "--config", config("- a")).exitCode()).isEqualTo(78);
  }

  @Test
  void aWrongValueNamesWhereItComesFrom() throws IOException {
    Typed fromFile = Typed.run("server", "--config", config("voters: many"));
    assertThat(fromFile.exitCode()).isEqualTo(78);
    assertThat(fromFile.err()).contains("node.yaml, key 'voters'");
    Typed fromEnvironment = Typed.run(Map.of("FEATUREKV_TIMEOUT", "soon"), "status");
    assertThat(fromEnvironment.exitCode()).isEqualTo(78);
    assertThat(fromEnvironment.err()).contains("FEATUREKV_TIMEOUT in the environment");
  }

  @Test
  void listeningEverywhereNeedsAnAddressToAdvertise() {
    Typed typed =
        Typed.run("server", "--listen", "0.0.0.0:7400", "--data-dir", directory.toString());
    assertThat(typed.exitCode()).isEqualTo(78);
    assertThat(typed.err()).contains("--advertise");
  }

  @Test
  void theNumberOfVotersIsOdd() {
    Typed typed = Typed.run("server", "--voters", "2", "--data-dir", directory.toString());
    assertThat(typed.exitCode()).isEqualTo(78);
    assertThat(typed.err()).contains("1, 3 or 5");
  }
}
