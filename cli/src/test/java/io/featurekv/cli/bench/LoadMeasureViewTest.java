package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.bench.InputPlan.Format;
import io.featurekv.cli.terminal.Json;
import io.featurekv.loader.BuildResult.Stage;
import io.featurekv.model.TableKind;
import io.featurekv.node.load.LoadReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The shape that scripts rely on: what stands here may only be added to. */
class LoadMeasureViewTest {
  private static LoadCost.Share share(
      double cpuSeconds, double writtenBytes, double peakBytes, double boundBytes) {
    return new LoadCost.Share(
        cpuSeconds, writtenBytes, MemoryPeak.UNKNOWN.seen(peakBytes, boundBytes));
  }

  private static LoadMeasureView view(Map<String, LoadCost.Share> nodes, String unknownBecause) {
    LoadPlan plan =
        new LoadPlan(
            "t",
            TableKind.IDX,
            new InputPlan(Format.PARQUET, 2_000_000, 84, 3),
            Path.of("in"),
            false,
            2 << 20,
            1 << 20,
            Path.of("tmp"),
            Duration.ofMinutes(1),
            false);
    LoadReport report =
        new LoadReport(
            "task",
            "t",
            3,
            "ACTIVE",
            2_000_000,
            0,
            0,
            0,
            200_000_000,
            4,
            List.of(new Stage("read", 2, 2_000_000), new Stage("ship", 1, 2_000_000)),
            List.of(),
            "");
    LoadCost cost =
        new LoadCost(
            share(3, 400_000_000, 5e8, 2 << 20),
            nodes,
            unknownBecause,
            Map.of("read", 1.5),
            Map.of("ship", 0.5));
    return new LoadMeasureView(
        new LoadMeasure(plan, report, cost, 250_000_000, 0.5),
        new Machine("cpu", 2, "1 kB", "Linux", "25", "0.1"));
  }

  @Test
  void json() {
    Map<String, LoadCost.Share> nodes =
        Map.of(
            "n1", share(0.5, 200_000_000, 1e8, 3e8),
            "n2", share(0.25, 150_000_000, 2e8, Double.NaN));
    assertThat(Json.text(view(nodes, "")::writeJson))
        .startsWith(
            "{\"taskId\":\"task\",\"table\":\"t\",\"version\":3,\"state\":\"ACTIVE\",\"kind\":\"idx\","
                + "\"source\":\"parquet\",\"entries\":2000000,\"valueBytes\":84,\"seconds\":4.000,"
                + "\"keysPerSecond\":500000.0,\"stages\":["
                + "{\"name\":\"read\",\"seconds\":2.000,\"entries\":2000000,"
                + "\"keysPerSecond\":1000000.0,\"clientCpuSecondsPerMillionKeys\":0.7500,"
                + "\"serverCpuSecondsPerMillionKeys\":null},"
                + "{\"name\":\"ship\",\"seconds\":1.000,\"entries\":2000000,"
                + "\"keysPerSecond\":2000000.0,\"clientCpuSecondsPerMillionKeys\":null,"
                + "\"serverCpuSecondsPerMillionKeys\":0.2500}],\"cpuSecondsPerMillionKeys\":1.8750,"
                + "\"clientCpuSecondsPerMillionKeys\":1.5000,"
                + "\"serverCpuSecondsPerMillionKeys\":0.3750,"
                + "\"inputBytes\":250000000,\"entryBytes\":200000000,"
                + "\"writtenBytes\":750000000,\"clientWrittenBytes\":400000000,"
                + "\"serverWrittenBytes\":350000000,\"writtenPerInputByte\":3.000,"
                + "\"writtenPerEntryByte\":3.750,\"clientPeakMemoryBytes\":500000000,\"clientMemoryHeld\":false,"
                + "\"serverPeakMemoryBytes\":200000000,\"nodes\":["
                + "{\"id\":\"n1\",\"cpuSecondsPerMillionKeys\":0.2500,\"writtenBytes\":200000000,"
                + "\"peakMemoryBytes\":100000000,\"memoryBoundBytes\":300000000,\"memoryHeld\":true},"
                + "{\"id\":\"n2\",\"cpuSecondsPerMillionKeys\":0.1250,\"writtenBytes\":150000000,"
                + "\"peakMemoryBytes\":200000000,\"memoryBoundBytes\":null,\"memoryHeld\":null}],")
        .contains("\"serversUnknownBecause\":null,\"generateSeconds\":0.500")
        .contains("\"memoryBytes\":2097152,\"machine\":{", "\"notes\":[]");
  }

  @Test
  void textNamesEveryProcessWithItsBound() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    view(Map.of("n1", share(0.5, 200 << 20, 100 << 20, 300 << 20)), "")
        .writeText(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8).lines().map(line -> line.replaceAll(" +", " ")))
        .contains(
            "n1 0.250 200.0 MiB 100.0 MiB 300.0 MiB yes",
            "client 1.500 381.5 MiB 476.8 MiB 2.0 MiB no: 474.8 MiB above",
            "ship 1.000 2,000,000 2,000,000 - 0.250");
  }

  @Test
  void saysWhyNodesAreNotKnown() {
    LoadMeasureView view = view(Map.of(), "node n1 has no HTTP port");
    assertThat(Json.text(view::writeJson))
        .contains("\"cpuSecondsPerMillionKeys\":null")
        .contains("\"serversUnknownBecause\":\"node n1 has no HTTP port\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    view.writeText(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("500,000 in 4.00 s", "not known", "node n1 has no HTTP port");
  }
}
