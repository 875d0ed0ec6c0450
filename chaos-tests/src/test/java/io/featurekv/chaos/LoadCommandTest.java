package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.model.Endpoint;
import io.featurekv.node.admin.ClusterAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code load} as a process of its own: how it ends, and what it leaves to be looked at. */
class LoadCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path directory;
  private static ProcessCluster cluster;
  private static ClusterAdmin admin;

  @BeforeAll
  static void start() {
    cluster = new ProcessCluster(directory.resolve("cluster"));
    cluster.add("a");
    cluster.spawn(0);
    cluster.awaitAnswer(0);
    admin = ClusterAdmin.connect(List.of(Endpoint.parse(cluster.endpoint(0))), PATIENCE);
    admin.await(
        now -> now.nodes().values().stream().anyMatch(node -> node.state() == NodeState.UP),
        PATIENCE);
  }

  @AfterAll
  static void stop() {
    if (admin != null) {
      admin.close();
    }
    cluster.close();
  }

  private static Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private static TaskRecord awaitTask(String id, TaskState state) {
    return admin
        .await(
            now ->
                now.tasks().containsKey(id)
                    && now.tasks().get(id).state() == state
                    && !now.tasks().get(id).stages().isEmpty(),
            PATIENCE)
        .tasks()
        .get(id);
  }

  /** A load whose standard input stays open and never brings anything. */
  private record Stuck(Process process, Path err) {
    static Stuck start(String table, String operationId) throws IOException {
      Path err = directory.resolve(operationId + ".err");
      Process process =
          FeatureKvProcess.command(
                  List.of(
                      "load",
                      table,
                      "-",
                      "--format",
                      "csv",
                      "--create",
                      "mem",
                      "--key",
                      "id",
                      "--operation-id",
                      operationId,
                      "--temp-dir",
                      directory.resolve("temp").toString(),
                      "--endpoint",
                      cluster.endpoint(0)))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(err.toFile())
              .start();
      return new Stuck(process, err);
    }

    String saidAtItsEnd(int exitCode) throws IOException, InterruptedException {
      boolean hasEnded = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      String said = Files.readString(err);
      process.destroyForcibly();
      assertThat(hasEnded).as("the load ends; it said: %s", said).isTrue();
      assertThat(process.exitValue()).as(said).isEqualTo(exitCode);
      return said;
    }
  }

  @Test
  void aLoadOnTheClusterIsServed() throws IOException {
    Path csv = file("towns.csv", "id,name\n1,Aa\n2,Bee\n");
    Json report =
        cluster
            .cli(
                "load",
                "towns",
                csv.toString(),
                "--create",
                "mem",
                "--key",
                "id",
                "--on-cluster",
                "-o",
                "json")
            .succeeds()
            .json();
    assertThat(report.at("state").text()).isEqualTo("ACTIVE");
    assertThat(report.at("entries").number()).isEqualTo(2);
    Json got = cluster.cli("get", "towns", "2", "-o", "json").succeeds().json();
    assertThat(got.at("results").list().getFirst().at("value").text())
        .isEqualTo("{\"name\":\"Bee\"}");
  }

  @Test
  void loadsThatAreCancelledOrTerminatedEndThoughTheirInputBringsNothing()
      throws IOException, InterruptedException {
    Stuck cancelled = Stuck.start("stuck1", "cancelled");
    Stuck terminated = Stuck.start("stuck2", "terminated");
    awaitTask("cancelled", TaskState.BUILDING);
    awaitTask("terminated", TaskState.BUILDING);
    terminated.process().destroy();
    cluster.cli("task", "cancel", "cancelled").succeeds();

    assertThat(cancelled.saidAtItsEnd(1))
        .contains("featurekv: task cancelled was cancelled: cancelled by an operator");
    assertThat(terminated.saidAtItsEnd(130))
        .contains("featurekv: the load was interrupted; featurekv task show terminated");
    assertThat(awaitTask("terminated", TaskState.FAILED).reason())
        .isEqualTo("the load was interrupted");
  }

  @Test
  void aBenchmarkThatIsTerminatedWhileItLoadsRemovesItsInput()
      throws IOException, InterruptedException {
    Path temporary = directory.resolve("bench-temp");
    Path err = directory.resolve("bench.err");
    Process process =
        FeatureKvProcess.command(
                List.of(
                    "bench",
                    "load",
                    "--table",
                    "standard",
                    "--entries",
                    "3M",
                    "--value-bytes",
                    "0",
                    "--source",
                    "csv",
                    "--ignore-disk",
                    "--temp-dir",
                    temporary.toString(),
                    "--endpoint",
                    cluster.endpoint(0)))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(err.toFile())
            .start();
    try {
      TaskRecord task =
          admin
              .await(
                  now ->
                      now.tasks().values().stream()
                          .anyMatch(begun -> begun.table().equals("standard")),
                  PATIENCE)
              .tasks()
              .values()
              .stream()
              .filter(begun -> begun.table().equals("standard"))
              .findFirst()
              .orElseThrow();
      assertThat(temporary).isNotEmptyDirectory();
      process.destroy();
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(130);
      assertThat(temporary).isEmptyDirectory();
      assertThat(admin.read().metadata().tasks().get(task.id()))
          .extracting(TaskRecord::state, TaskRecord::reason)
          .containsExactly(TaskState.FAILED, "the load was interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void rejectedRowsAreKeptAndATaskThatWentOnTellsWhyItFailedFirst() throws IOException {
    Path csv = file("bad.csv", "id,n\n1,2\n,3\n4,five\n");
    Path rejects = directory.resolve("rejected.jsonl");
    String[] load = {
      "load",
      "bad",
      csv.toString(),
      "--create",
      "mem",
      "--key",
      "id",
      "--types",
      "n:int64",
      "--operation-id",
      "again",
      "--memory",
      "278MiB",
      "--rejects",
      rejects.toString(),
      "--max-rejected",
      "1"
    };
    String said = cluster.cli(load).failsWith(1).err();
    assertThat(said).contains("2 of 3 rows");
    List<String> rejected = Files.readAllLines(rejects);
    assertThat(rejected).hasSize(2);
    assertThat(rejected.get(0)).contains(csv.toString()).contains("key");
    assertThat(rejected.get(1)).contains(csv.toString()).contains("five");

    load[load.length - 1] = "2";
    cluster.cli(load).succeeds();
    Json task = cluster.cli("task", "show", "again", "-o", "json").succeeds().json();
    assertThat(task.at("state").text()).isEqualTo("ACTIVE");
    assertThat(task.at("attempt").number()).isEqualTo(2);
    Json first = task.at("earlierAttempts").list().getFirst();
    assertThat(first.at("attempt").number()).isEqualTo(1);
    assertThat(first.at("reason").text()).contains("2 of 3 rows");
    assertThat(task.at("stages").list()).allMatch(stage -> stage.has("bytes"));
  }
}
