package io.featurekv.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.terminal.Json;
import io.featurekv.loader.BuildResult;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.EarlierAttempt;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskStage;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionState;
import io.featurekv.node.admin.ClusterAdmin.MetadataView;
import io.featurekv.node.load.LoadReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The shapes that scripts rely on: what stands here may only be added to. */
class JsonShapesTest {
  private static final ClusterMetadata METADATA =
      SampleCluster.metadata(NodeState.UP, VersionState.ACTIVE);

  private static String json(View view) {
    return Json.text(view::writeJson);
  }

  private static String text(View view) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    view.writeText(new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void versionList() {
    VersionListView view = new VersionListView(SampleCluster.table(VersionState.ACTIVE));
    assertThat(json(view))
        .isEqualTo(
            "[{\"version\":7,\"state\":\"ACTIVE\",\"mode\":\"full\",\"parent\":null,\"entries\":10,"
                + "\"tombstones\":0,\"bytes\":4096,\"shards\":1,\"createdAt\":\"2026-11-22T00:00:00Z\","
                + "\"sealedAt\":\"2026-11-22T00:00:01Z\",\"activatedAt\":\"2026-11-22T00:00:02Z\","
                + "\"retiredAt\":null,\"taskId\":\"nightly\",\"reason\":null}]");
    assertThat(view.jsonLines()).hasSize(1);
    assertThat("[" + Json.text(view.jsonLines().getFirst()) + "]").isEqualTo(json(view));
  }

  @Test
  void status() {
    StatusView view = new StatusView(new MetadataView(METADATA, "n1", "n2", true));
    assertThat(json(view))
        .startsWith("{\"clusterId\":\"c1\",\"leader\":\"n1\",\"metadataIndex\":42,")
        .contains(
            "\"nodes\":[{\"id\":\"n1\",\"sect\":\"a\",\"duties\":[\"meta\",\"serve\"],\"state\":\"UP\",")
        .contains("\"listen\":\"127.0.0.1:7400\"")
        .contains(
            "\"tables\":[{\"name\":\"users\",\"kind\":\"mem\",\"shards\":1,\"activeVersion\":7,"
                + "\"healthy\":true,\"reasons\":[]")
        .endsWith("\"healthy\":true,\"reasons\":[]}");
  }

  @Test
  void statusSaysWhatIsDegraded() {
    ClusterMetadata metadata = SampleCluster.metadata(NodeState.DOWN, VersionState.ACTIVE);
    StatusView view = new StatusView(new MetadataView(metadata, "", "n1", false));
    assertThat(json(view))
        .contains("\"leader\":null")
        .contains("\"state\":\"DOWN\"")
        .contains("\"healthy\":false,\"reasons\":[\"no metadata leader can be reached");
    assertThat(text(view)).contains("DEGRADED").contains("Degraded:").contains("node n2");
  }

  @Test
  void stagesTellEntriesAndBytesRateAndEta() {
    StageProgress reading =
        new StageProgress(
            new TaskStage("read", 1_000, 3_000, new StageFigures(5_000, -1, 4_000, 10_000)), 3_000);
    assertThat(Json.text(reading::writeJson))
        .isEqualTo(
            "{\"name\":\"read\",\"beganAt\":\"1970-01-01T00:00:01Z\",\"seconds\":2.000,"
                + "\"done\":4000,\"total\":10000,\"entries\":5000,\"bytes\":4000,"
                + "\"bytesTotal\":10000,\"perSecond\":2000,\"entriesPerSecond\":2500,"
                + "\"bytesPerSecond\":2000,\"etaSeconds\":3}");
    assertThat(reading.text())
        .isEqualTo(
            "read, 5,000 entries, 3.9 KiB of 9.8 KiB (40 %), 2,500/s, 2.0 KiB/s, ETA 3.00 s");
    StageProgress building =
        new StageProgress(
            new TaskStage("build", 1_000, 3_000, new StageFigures(50, 100, 0, -1)), 3_000);
    assertThat(building.text()).isEqualTo("build, 50 of 100 entries (50 %), 25/s, ETA 2.00 s");
  }

  @Test
  void aTaskTellsWhyEarlierAttemptsFailed() {
    TaskRecord task =
        SampleCluster.task(
            TaskState.BUILDING, "", null, List.of(new EarlierAttempt(1, "disk full", 1_000)));
    assertThat(json(new TaskView(task, null)))
        .contains(
            "\"earlierAttempts\":[{\"attempt\":1,\"reason\":\"disk full\","
                + "\"endedAt\":\"1970-01-01T00:00:01Z\"}]");
    assertThat(text(new TaskView(task, null))).containsPattern("attempt 1 +disk full");
  }

  @Test
  void task() {
    assertThat(json(new TaskView(SampleCluster.task(), null)))
        .startsWith(
            "{\"taskId\":\"nightly\",\"table\":\"users\",\"version\":7,\"mode\":\"full\",\"state\":\"ACTIVE\",")
        .contains("\"rows\":13,\"entries\":10,\"rejected\":1,\"duplicates\":2");
  }

  @Test
  void load() {
    LoadReport report =
        new LoadReport(
            "nightly",
            "users",
            7,
            "FAILED",
            10,
            1,
            2,
            0,
            4096,
            1.25,
            List.of(new BuildResult.Stage("read", 0.5, 13)),
            List.of(new BuildResult.RejectedRow("users.csv", 3, "the key is empty")),
            "too many");
    assertThat(json(new LoadReportView(report)))
        .isEqualTo(
            "{\"taskId\":\"nightly\",\"table\":\"users\",\"version\":7,\"state\":\"FAILED\",\"entries\":10,"
                + "\"rejected\":1,\"duplicates\":2,\"deleted\":0,\"bytes\":4096,\"seconds\":1.250,"
                + "\"stages\":[{\"name\":\"read\",\"seconds\":0.500,\"entries\":13}],"
                + "\"firstRejected\":[{\"source\":\"users.csv\",\"row\":3,\"reason\":\"the key is empty\"}],"
                + "\"reason\":\"too many\"}");
  }

  @Test
  void aLoadThatFailedKeepsWhatItsCanaryShowed() {
    CanaryPlan shown = new CanaryPlan("b", 600_000, new CanaryCounts(9, 8, 7, 0));
    TaskRecord task = SampleCluster.task(TaskState.FAILED, "too many", shown);
    assertThat(json(new LoadReportView(LoadReport.failed("id", "users", task, 1.25, "too many"))))
        .startsWith(
            "{\"taskId\":\"nightly\",\"table\":\"users\",\"version\":7,\"state\":\"FAILED\"")
        .contains("\"reads\":9,\"errors\":8,\"activeReads\":7,\"activeErrors\":0")
        .contains("\"reason\":\"too many\"");
    assertThat(json(new LoadReportView(LoadReport.failed("id", "users", null, 1.25, "gone"))))
        .startsWith("{\"taskId\":\"id\",\"table\":\"users\"")
        .doesNotContain("canary");
  }

  @Test
  void canary() {
    Canary canary =
        new Canary(7, "b", SampleCluster.CREATED_MILLIS, 600_000, new CanaryCounts(9, 1, 8, 2), 0);
    TableRecord table = SampleCluster.onTrial(canary);
    String running =
        "\"canary\":{\"version\":7,\"sect\":\"b\",\"bakeMillis\":600000,\"since\":\"2026-11-22T00:00:00Z\","
            + "\"reads\":9,\"errors\":1,\"activeReads\":8,\"activeErrors\":2}";
    assertThat(json(new VersionListView(table))).contains(running);
    assertThat(json(new TableView(METADATA, table))).contains(running);
    assertThat(json(new TaskView(SampleCluster.task(), canary))).contains(running);
    assertThat(text(new VersionListView(table))).contains("READY, canary in b");
    assertThat(text(new TableView(METADATA, table)))
        .contains("canary in sect b, 10m of 10m, 9 reads, 1 errors");
    assertThat(json(new VersionListView(SampleCluster.table(VersionState.READY))))
        .doesNotContain("canary");
  }

  @Test
  void versionShow() {
    assertThat(
            json(
                new VersionView(
                    SampleCluster.table(VersionState.ACTIVE),
                    SampleCluster.table(VersionState.ACTIVE).versions().get(7L),
                    Set.of(Gate.SHRINK))))
        .contains("\"files\":[{\"shard\":0,\"entries\":10,")
        .contains("\"chainFiles\":1,\"ignoredGates\":[\"shrink\"],\"loadFailures\"")
        .contains("\"holders\":[\"n1\"],\"ready\":[\"n1\"],\"chainFiles\":1}");
  }

  @Test
  void tablesAlignTheirColumns() {
    assertThat(text(new VersionListView(SampleCluster.table(VersionState.ACTIVE))).lines().toList())
        .containsExactly(
            "VERSION  STATE   MODE  PARENT  ENTRIES  DELETED     SIZE  CREATED               ACTIVATED             REASON",
            "      7  ACTIVE  full       -       10        0  4.0 KiB  2026-11-22 00:00:00Z  2026-11-22 00:00:02Z  -");
  }
}
