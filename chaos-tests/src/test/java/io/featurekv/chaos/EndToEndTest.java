package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files in, versioned tables out, on three server processes in two sects, through the command line
 * alone.
 */
class EndToEndTest {
  @TempDir static Path directory;
  private static ProcessCluster cluster;

  @BeforeAll
  static void start() {
    cluster = ProcessCluster.start(directory.resolve("cluster"), "a", "a", "b");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Path file(String name, List<String> lines) throws IOException {
    return Files.write(directory.resolve(name), lines);
  }

  /** Asks every node for every key. */
  private static void assertEveryNodeSays(String table, Map<String, String> expected)
      throws IOException {
    Path keys = file("keys.txt", List.copyOf(expected.keySet()));
    for (int node = 0; node < cluster.size(); node++) {
      Map<String, String> actual = new LinkedHashMap<>();
      for (Json result :
          cluster
              .cliAt(node, "get", table, "--keys-file", keys.toString(), "-o", "json")
              .succeeds()
              .json()
              .at("results")
              .list()) {
        assertThat(result.at("status").text()).as("%s", result).isEqualTo("FOUND");
        actual.put(result.at("key").text(), result.at("value").text());
      }
      assertThat(actual).as("from node %s", node).isEqualTo(expected);
    }
  }

  @Test
  void csvKeepsLeadingZerosQuotesAndCommas() throws IOException {
    Map<String, String> expected = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>(List.of("zip,name,state"));
    for (int i = 0; i < 3_000; i++) {
      String zip = "%05d".formatted(i * 7);
      lines.add(zip + ",\"Town \"\"" + i + "\"\", the\",NY");
      expected.put(zip, "{\"name\":\"Town \\\"" + i + "\\\", the\",\"state\":\"NY\"}");
    }
    Path csv = file("towns.csv", lines);
    Json report =
        cluster
            .cli("load", "towns", csv.toString(), "--create", "mem", "--key", "zip", "-o", "json")
            .succeeds()
            .json();
    assertThat(report.at("entries").number()).isEqualTo(3_000);
    assertThat(report.at("state").text()).isEqualTo("ACTIVE");
    assertEveryNodeSays("towns", expected);
  }

  @Test
  void threeColumnKeyCountsDuplicatesSoThatTheSumIsTheRows() throws IOException {
    List<String> lines = new ArrayList<>(List.of("a,b,c,v"));
    Map<String, String> expected = new LinkedHashMap<>();
    for (int i = 0; i < 1_000; i++) {
      int group = i % 900;
      lines.add(group + ",x:" + group % 7 + ",z," + i);
      expected.put(group + ":x\\:" + group % 7 + ":z", "{\"v\":\"" + i + "\"}");
    }
    Path csv = file("dups.csv", lines);
    Json report =
        cluster
            .cli(
                "load",
                "dups",
                csv.toString(),
                "--create",
                "blk",
                "--key",
                "a",
                "--key",
                "b",
                "--key",
                "c",
                "-o",
                "json")
            .succeeds()
            .json();
    assertThat(report.at("entries").number()).isEqualTo(900);
    assertThat(report.at("duplicates").number()).isEqualTo(100);
    assertEveryNodeSays("dups", expected);
  }

  @Test
  void jsonLinesAndTsvKeepTheirTypesAndCanBeScannedInOrder() throws IOException {
    Path jsonl =
        file(
            "rows.jsonl",
            List.of(
                "{\"id\":\"b\",\"n\":9007199254740993,\"x\":null}",
                "{\"id\":\"a\",\"n\":1,\"tags\":[1,2]}"));
    cluster.cli("load", "rows", jsonl.toString(), "--create", "idx", "--key", "id").succeeds();
    assertEveryNodeSays(
        "rows",
        new LinkedHashMap<>(
            Map.of("b", "{\"n\":9007199254740993,\"x\":null}", "a", "{\"n\":1,\"tags\":[1,2]}")));
    List<String> scanned =
        cluster.cli("scan", "rows", "-o", "jsonl").succeeds().out().lines().toList();
    assertThat(scanned).hasSize(2);
    assertThat(scanned.getFirst()).contains("\"a\"");
    Path tsv = file("rows.tsv", List.of("id\tv", "k1\tone", "k2\ttwo"));
    cluster
        .cli("load", "tabs", tsv.toString(), "--create", "idx", "--key", "id", "--value", "v")
        .succeeds();
    assertEveryNodeSays("tabs", new LinkedHashMap<>(Map.of("k1", "one", "k2", "two")));
  }

  @Test
  void rowsKeepTheirTypesAndColumnsAreAddedToThem() throws IOException {
    String columns = "born:int64,score:float=0.5,emb:list<float>?";
    cluster.cli("table", "create", "people", "--kind", "idx", "--columns", columns).succeeds();
    Path csv = file("people.csv", List.of("id,born,emb", "ada,1815,\"[1,2.5]\"", "alan,1912,"));
    cluster.cli("load", "people", csv.toString(), "--key", "id").succeeds();
    assertThat(people(0, "get", "people", "ada", "--columns", "emb,born"))
        .contains("\"value\":{\"emb\":[1.0,2.5],\"born\":1815}");

    cluster
        .cli("table", "alter", "people", "--add-columns", "score:double,city:string?")
        .succeeds();
    Path jsonl =
        file("people.jsonl", List.of("{\"id\":\"alan\",\"born\":1912,\"city\":\"London\"}"));
    cluster
        .cli("load", "people", jsonl.toString(), "--key", "id", "--mode", "incremental")
        .succeeds();
    for (int node = 0; node < cluster.size(); node++) {
      assertThat(people(node, "get", "people", "ada", "alan"))
          .contains("{\"born\":1815,\"score\":0.5,\"emb\":[1.0,2.5],\"city\":null}")
          .contains("{\"born\":1912,\"score\":0.5,\"emb\":null,\"city\":\"London\"}");
    }
    assertThat(people(0, "scan", "people", "--columns", "city"))
        .contains("{\"key\":\"alan\",\"value\":{\"city\":\"London\"}}");
    assertThat(people(0, "table", "show", "people")).contains("\"schemaVersion\":2");

    var narrowed = cluster.cli("table", "alter", "people", "--add-columns", "score:float");
    assertThat(narrowed.exitCode()).isEqualTo(1);
    assertThat(narrowed.err())
        .contains("'score' of table 'people' would change from double to float");
    var unknown = cluster.cli("get", "people", "ada", "--columns", "age");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("no column 'age'; it has born, score, emb, city");
  }

  private static String people(int node, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-o", "json"));
    return cluster.cliAt(node, all.toArray(String[]::new)).succeeds().out();
  }

  @Test
  void standardInputIsLoaded() {
    var arguments =
        List.of(
            "load",
            "piped",
            "-",
            "--format",
            "csv",
            "--create",
            "mem",
            "--key",
            "k",
            "-o",
            "json",
            "--endpoint",
            String.join(",", cluster.endpoints()));
    Json report = FeatureKvProcess.run(directory, "k,v\na,1\nb,2\n", arguments).succeeds().json();
    assertThat(report.at("entries").number()).isEqualTo(2);
  }

  @Test
  void incrementWithDeletesThenRollbackAndReadsAtAVersion() throws IOException {
    Path full = file("full.csv", List.of("k,v,gone", "a,1,false", "b,2,false", "c,3,false"));
    Path change = file("change.csv", List.of("k,v,gone", "b,20,false", "c,,true", "d,4,false"));
    cluster
        .cli(
            "load",
            "inc",
            full.toString(),
            "--create",
            "idx",
            "--key",
            "k",
            "--delete-column",
            "gone")
        .succeeds();
    Json report =
        cluster
            .cli(
                "load",
                "inc",
                change.toString(),
                "--mode",
                "incremental",
                "--key",
                "k",
                "--delete-column",
                "gone",
                "-o",
                "json")
            .succeeds()
            .json();
    assertThat(report.at("deleted").number()).isEqualTo(1);
    assertEveryNodeSays(
        "inc",
        new LinkedHashMap<>(
            Map.of("a", "{\"v\":\"1\"}", "b", "{\"v\":\"20\"}", "d", "{\"v\":\"4\"}")));
    Json old =
        cluster.cli("get", "inc", "b", "c", "--version", "1", "-o", "json").succeeds().json();
    assertThat(old.at("version").number()).isEqualTo(1);
    assertThat(old.at("results").list().get(1).at("value").text()).isEqualTo("{\"v\":\"3\"}");
    cluster.cli("rollback", "inc").succeeds();
    Json back = cluster.cli("get", "inc", "c", "d", "-o", "json").succeeds().json();
    assertThat(back.at("results").list().get(0).at("status").text()).isEqualTo("FOUND");
    assertThat(back.at("results").list().get(1).at("status").text()).isEqualTo("ABSENT");
  }

  @Test
  void shardCountChangesWithTheNextFullLoadUnderReads() {
    String input = "generate:5000?valueBytes=30&version=";
    cluster.cli("table", "create", "resharded", "--kind", "mem", "--shards", "2").succeeds();
    cluster.cli("load", "resharded", input + 1).succeeds();
    try (CheckingReader reader =
        new CheckingReader(cluster.endpoints(), "resharded", 5000, 30, 7)) {
      cluster.cli("table", "alter", "resharded", "--shards", "5").succeeds();
      cluster.cli("load", "resharded", input + 2).succeeds();
      org.awaitility.Awaitility.await()
          .atMost(ProcessCluster.PATIENCE)
          .until(() -> reader.batchesByVersion().containsKey(2L));
      assertThat(reader.complaints()).isEmpty();
    }
    Json status = cluster.cli("status", "-o", "json").succeeds().json();
    long shards =
        status.at("tables").list().stream()
            .filter(table -> table.at("name").text().equals("resharded"))
            .findFirst()
            .orElseThrow()
            .at("shards")
            .number();
    assertThat(shards).isEqualTo(5);
  }

  @Test
  void sameOperationIdReturnsTheFirstResult() throws IOException {
    Path csv = file("op.csv", List.of("k,v", "a,1"));
    String[] load = {
      "load",
      "ops",
      csv.toString(),
      "--create",
      "mem",
      "--key",
      "k",
      "--operation-id",
      "nightly-1",
      "-o",
      "json"
    };
    long first = cluster.cli(load).succeeds().json().at("version").number();
    assertThat(cluster.cli(load).succeeds().json().at("version").number()).isEqualTo(first);
    Path other = file("op2.csv", List.of("k,v", "a,2"));
    cluster
        .cli("load", "ops", other.toString(), "--key", "k", "--operation-id", "nightly-1")
        .failsWith(2);
  }

  @Test
  void taskIsRetriedFromItsOwnWords() throws IOException {
    Path data = Files.createDirectories(directory.resolve("it's data"));
    Path csv = Files.write(data.resolve("retry.csv"), List.of("k,v", "a,1", ",2"));
    cluster
        .cli(
            "load",
            "retried",
            csv.toString(),
            "--create",
            "mem",
            "--key",
            "k",
            "--operation-id",
            "retry-1")
        .failsWith(1);
    assertThat(
            cluster
                .cli("task", "show", "retry-1", "-o", "json")
                .succeeds()
                .json()
                .at("state")
                .text())
        .isEqualTo("FAILED");
    cluster.cli("task", "retry", "retry-1").failsWith(1);
    cluster
        .cli(
            "load",
            "retried",
            csv.toString(),
            "--key",
            "k",
            "--operation-id",
            "retry-2",
            "--max-rejected",
            "1")
        .succeeds();
    Json again = cluster.cli("task", "retry", "retry-2", "-o", "json").succeeds().json();
    assertThat(again.at("state").text()).isEqualTo("ACTIVE");
  }

  @Test
  void versionNumbersAreNotUsedAgainAfterADrop() throws IOException {
    Path csv = file("drop.csv", List.of("k,v", "a,1"));
    cluster.cli("load", "dropped", csv.toString(), "--create", "mem", "--key", "k").succeeds();
    cluster.cli("table", "drop", "dropped", "--yes").succeeds();
    cluster.cli("get", "dropped", "a").failsWith(4);
    Json report =
        cluster
            .cli("load", "dropped", csv.toString(), "--create", "mem", "--key", "k", "-o", "json")
            .succeeds()
            .json();
    assertThat(report.at("version").number()).isEqualTo(2);
  }

  @Test
  void metricsAndHealthAreServedOverHttp() throws IOException, InterruptedException {
    var http = java.net.http.HttpClient.newHttpClient();
    for (String path : List.of("/metrics", "/livez", "/readyz?verbose", "/")) {
      var response =
          http.send(
              java.net.http.HttpRequest.newBuilder(
                      java.net.URI.create("http://127.0.0.1:" + cluster.httpPort(0) + path))
                  .build(),
              java.net.http.HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.body()).as(path).isNotEmpty();
    }
  }
}
