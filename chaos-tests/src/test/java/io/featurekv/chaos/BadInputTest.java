package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.FeatureKvProcess.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does wrong gets the error that a user needs, and changes nothing. */
class BadInputTest {
  @TempDir static Path directory;
  private static ProcessCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = ProcessCluster.start(directory.resolve("cluster"), "a");
    Path good = file("good.csv", "k,v", "a,1");
    cluster.cli("load", "t", good.toString(), "--create", "mem", "--key", "k").succeeds();
  }

  @AfterAll
  static void stop() {
    assertThat(cluster.isAlive(0)).isTrue();
    Json result =
        cluster
            .cli("get", "t", "a", "-o", "json")
            .succeeds()
            .json()
            .at("results")
            .list()
            .getFirst();
    assertThat(result.at("value").text()).isEqualTo("{\"v\":\"1\"}");
    cluster.close();
  }

  private static Path file(String name, String... lines) throws IOException {
    return Files.write(directory.resolve(name), List.of(lines));
  }

  private static Outcome load(Path input, String... more) {
    List<String> arguments = new ArrayList<>(List.of("load", "t", input.toString()));
    arguments.addAll(List.of(more));
    return cluster.cli(arguments.toArray(String[]::new));
  }

  @Test
  void missingColumnNamesTheFileAndTheColumnsThatAreThere() throws IOException {
    Outcome outcome = load(file("cols.csv", "id,price", "1,2"), "--key", "sku").failsWith(2);
    assertThat(outcome.err()).contains("cols.csv").contains("sku").contains("id").contains("price");
  }

  @Test
  void wrongFormatNamesTheFile() throws IOException {
    Outcome outcome = load(file("fake.parquet", "this is no parquet file"), "--key", "k");
    assertThat(outcome.exitCode()).isIn(1, 2);
    assertThat(outcome.err()).contains("fake.parquet");
  }

  @Test
  void missingFileNamesIt() {
    assertThat(load(directory.resolve("nowhere.csv"), "--key", "k").failsWith(2).err())
        .contains("nowhere.csv");
  }

  @Test
  void valueOverTheLimitNamesTheLineAndBothSizes() throws IOException {
    cluster.cli("table", "create", "small", "--kind", "mem", "--max-value", "100").succeeds();
    Path big = file("big.csv", "k,v", "ok,1", "huge," + "x".repeat(500));
    Outcome outcome = cluster.cli("load", "small", big.toString(), "--key", "k").failsWith(1);
    assertThat(outcome.err()).contains("big.csv:3").contains("100");
  }

  @Test
  void keyOf600BytesNamesTheLine() throws IOException {
    Path longKey = file("long.csv", "k,v", "y".repeat(600) + ",1");
    Outcome outcome = load(longKey, "--key", "k").failsWith(1);
    assertThat(outcome.err()).contains("long.csv:2").contains("600").contains("500");
  }

  @Test
  void rejectedRowsAreLetPassOnlyWhenAskedAndAreThenCounted() throws IOException {
    Path mixed = file("mixed.csv", "k,v", "a,1", ",2", "b,3");
    load(mixed, "--key", "k", "--dry-run").failsWith(1);
    Json report =
        cluster
            .cli(
                "load",
                "mixed",
                mixed.toString(),
                "--create",
                "mem",
                "--key",
                "k",
                "--max-rejected",
                "1",
                "-o",
                "json")
            .succeeds()
            .json();
    assertThat(report.at("entries").number()).isEqualTo(2);
    assertThat(report.at("rejected").number()).isEqualTo(1);
  }

  @Test
  void emptyInputIsRefusedUnlessAskedFor() throws IOException {
    Path empty = file("empty.csv", "k,v");
    assertThat(load(empty, "--key", "k").failsWith(1).err()).contains("--allow-empty");
    cluster
        .cli("load", "emptied", empty.toString(), "--create", "mem", "--key", "k", "--allow-empty")
        .succeeds();
  }

  @Test
  void aVersionThatShrinksTooMuchIsRefusedWithFiguresUnlessTheGateIsIgnored() throws IOException {
    Path many = file("many.csv", "k,v", "a,1", "b,1", "c,1", "d,1", "e,1");
    Path few = file("few.csv", "k,v", "a,2", "b,2");
    cluster.cli("load", "shrunk", many.toString(), "--create", "mem", "--key", "k").succeeds();
    String[] load = {
      "load", "shrunk", few.toString(), "--key", "k", "--operation-id", "few", "-o", "json"
    };
    Json refused = cluster.cli(load).failsWith(1).json();
    assertThat(refused.at("state").text()).isEqualTo("FAILED");
    assertThat(refused.at("reason").text())
        .contains("2 entries are 60.0 % fewer than the 5 of version 1; at most 50% is allowed")
        .contains("--ignore-gates shrink");
    List<String> ignoring = new ArrayList<>(List.of(load));
    ignoring.addAll(List.of("--ignore-gates", "shrink"));
    Json passed = cluster.cli(ignoring.toArray(String[]::new)).succeeds().json();
    assertThat(passed.at("version").number()).isEqualTo(refused.at("version").number());
    Json task = cluster.cli("task", "show", "few", "-o", "json").succeeds().json();
    assertThat(task.at("ignoredGates").list().getFirst().text()).isEqualTo("shrink");
    cluster.cli("table", "alter", "shrunk", "--max-growth", "0%").succeeds();
    assertThat(
            cluster
                .cli("load", "shrunk", many.toString(), "--key", "k", "--dry-run")
                .failsWith(1)
                .err())
        .contains("growth: 5 entries are 150.0 % more than the 2 of version 2");
  }

  @Test
  void unknownTableIsExitCode4() {
    assertThat(cluster.cli("get", "nosuch", "k").failsWith(4).err()).contains("nosuch");
    cluster.cli("rollback", "nosuch").failsWith(4);
    cluster.cli("table", "show", "nosuch").failsWith(4);
  }

  @Test
  void absentKeyIsNoError() {
    Json result = cluster.cli("get", "t", "nothere", "-o", "json").succeeds().json();
    assertThat(result.at("results").list().getFirst().at("status").text()).isEqualTo("ABSENT");
  }

  @Test
  void incrementOnAnEmptyTableIsExitCode4() throws IOException {
    cluster.cli("table", "create", "bare", "--kind", "idx").succeeds();
    Path change = file("bare.csv", "k,v", "a,1");
    cluster
        .cli("load", "bare", change.toString(), "--key", "k", "--mode", "incremental")
        .failsWith(4);
  }

  @Test
  void nobodyListeningIsExitCode69() {
    Outcome outcome =
        FeatureKvProcess.run(
            directory, List.of("status", "--endpoint", "127.0.0.1:1", "--timeout", "2s"));
    assertThat(outcome.failsWith(69).err()).contains("127.0.0.1:1");
  }

  @Test
  void usageErrorIsExitCode2() {
    FeatureKvProcess.run(directory, List.of("laod")).failsWith(2);
    FeatureKvProcess.run(directory, List.of("get")).failsWith(2);
  }

  @Test
  void secondServerOnTheSameDirectoryIsRefused() {
    Outcome outcome =
        FeatureKvProcess.run(
            directory,
            List.of(
                "server",
                "--data-dir",
                cluster.data(0).toString(),
                "--node-id",
                "n0",
                "--listen",
                "127.0.0.1:0",
                "--raft-listen",
                "127.0.0.1:1",
                "--http-listen",
                "127.0.0.1:0"));
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err()).contains("in use").contains(cluster.data(0).toString());
  }

  @Test
  void listeningEverywhereNeedsAnAddressToAdvertise() {
    Outcome outcome =
        FeatureKvProcess.run(
            directory,
            List.of(
                "server",
                "--data-dir",
                directory.resolve("wild").toString(),
                "--listen",
                "0.0.0.0:0"));
    assertThat(outcome.failsWith(78).err()).contains("--advertise");
  }

  @Test
  void nodeOfAnotherClusterIsRefusedWithExitCode78() {
    try (ProcessCluster other = ProcessCluster.start(directory.resolve("other"), "a")) {
      other.stop(0);
      Outcome outcome =
          FeatureKvProcess.run(
              directory,
              List.of(
                  "server",
                  "--data-dir",
                  other.data(0).toString(),
                  "--listen",
                  "127.0.0.1:0",
                  "--raft-listen",
                  "127.0.0.1:1",
                  "--http-listen",
                  "127.0.0.1:0",
                  "--join",
                  cluster.endpoint(0)));
      assertThat(outcome.failsWith(78).err()).contains("cluster");
    }
  }

  @Test
  void inspectTellsADamagedFileFromAGoodOne() throws IOException {
    Path shard = cluster.data(0).resolve("tables/t/1/0.mdb");
    Json good =
        FeatureKvProcess.run(directory, List.of("inspect", shard.toString(), "-o", "json"))
            .succeeds()
            .json();
    assertThat(good.at("ok").isTrue()).isTrue();
    assertThat(good.at("table").text()).isEqualTo("t");
    byte[] bytes = Files.readAllBytes(shard);
    Path cut =
        Files.write(directory.resolve("cut.mdb"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(
            FeatureKvProcess.run(directory, List.of("inspect", cut.toString())).failsWith(1).err())
        .contains("cut.mdb");
    Path text =
        Files.write(directory.resolve("text.mdb"), "hello".getBytes(StandardCharsets.UTF_8));
    FeatureKvProcess.run(directory, List.of("inspect", text.toString())).failsWith(1);
  }
}
