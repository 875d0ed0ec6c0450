package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.terminal.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** The shape that scripts rely on: what stands here may only be added to. */
class ReadReportViewTest {
  private static final Machine MACHINE = new Machine("cpu", 2, "1 kB", "Linux", "25", "0.1");

  private static ReadReportView view(double serverCpu, String unknownBecause) {
    Histogram latency = new Histogram(3);
    for (int i = 1; i <= 100; i++) {
      latency.recordValue(i * 1000L);
    }
    Histogram lateness = new Histogram(3);
    lateness.recordValue(7000);
    return new ReadReportView(
        new ReadReport(
            ReadLoadTest.plan(500_000, 0, 4),
            new Tally.Counts(100, 1000, 600, 390, 10, 1, 2, 3),
            new Tally.Counts(5, 50, 25, 25, 0, 0, 0, 0),
            2,
            latency,
            lateness,
            new CpuSight.Cost(0.5, 0.125, serverCpu, unknownBecause),
            ""),
        MACHINE);
  }

  @Test
  void json() {
    assertThat(Json.text(view(0.25, "")::writeJson))
        .startsWith(
            "{\"batches\":100,\"keys\":1000,\"found\":600,\"absent\":390,\"failed\":10,\"mixed\":2,"
                + "\"keysPerSecond\":500.0,\"featuresPerSecond\":300.0,"
                + "\"latencyMicros\":{\"p50\":50.0,\"p90\":90.0,\"p99\":99.0,\"p999\":100.0,"
                + "\"p9999\":100.0,\"max\":100.0},"
                + "\"clientCpuSecondsPerMillionKeys\":0.5000,"
                + "\"serverCpuSecondsPerMillionKeys\":0.2500,"
                + "\"generatorCpuSecondsPerMillionKeys\":0.1250,"
                + "\"serverCpuUnknownBecause\":null,\"failedBatches\":1,\"wrong\":3,\"seconds\":2.000,"
                + "\"sendLatenessMicros\":{\"p50\":7.0,\"p99\":7.0,\"max\":7.0,\"behind\":false},"
                + "\"warmup\":{\"batches\":5,\"failed\":0,\"mixed\":0,\"wrong\":0},"
                + "\"settings\":{\"table\":\"t\",\"entries\":1000,\"batch\":10,\"connections\":2,"
                + "\"loop\":\"open\",\"rate\":500000.0,")
        .contains("\"machine\":{\"cpu\":\"cpu\",\"cores\":2,");
  }

  @Test
  void saysWhyTheServersCpuIsNotKnown() {
    ReadReportView view = view(Double.NaN, "node n1 has no HTTP port");
    assertThat(Json.text(view::writeJson))
        .contains("\"serverCpuSecondsPerMillionKeys\":null")
        .contains("\"serverCpuUnknownBecause\":\"node n1 has no HTTP port\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    view.writeText(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("not known", "node n1 has no HTTP port", "p99 99");
  }
}
