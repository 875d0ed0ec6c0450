package io.featurekv.bench.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OutcomeTest {
  private static final DataSet DATA = new DataSet(2_000_000, 84, "parquet");

  @Test
  void readsWhatBenchLoadPrints() {
    Outcome outcome =
        Outcome.ofLoad(
            DATA,
            new Subject.Own("idx", 1, true),
            "{\"taskId\":\"task\",\"state\":\"ACTIVE\",\"entries\":2000000,\"seconds\":4.000,"
                + "\"keysPerSecond\":500000.0,\"stages\":["
                + "{\"name\":\"read\",\"seconds\":2.000,\"entries\":2000000,"
                + "\"keysPerSecond\":1000000.0,\"clientCpuSecondsPerMillionKeys\":0.7500,"
                + "\"serverCpuSecondsPerMillionKeys\":0.0500},"
                + "{\"name\":\"build\",\"seconds\":0.500,\"entries\":2000000,"
                + "\"keysPerSecond\":4000000.0,\"clientCpuSecondsPerMillionKeys\":0.2500,"
                + "\"serverCpuSecondsPerMillionKeys\":0.0500},"
                + "{\"name\":\"ship\",\"seconds\":1.000,\"entries\":2000000,"
                + "\"keysPerSecond\":2000000.0,\"clientCpuSecondsPerMillionKeys\":null,"
                + "\"serverCpuSecondsPerMillionKeys\":0.2750}],\"cpuSecondsPerMillionKeys\":1.8750,"
                + "\"clientCpuSecondsPerMillionKeys\":1.5000,"
                + "\"serverCpuSecondsPerMillionKeys\":0.3750,"
                + "\"inputBytes\":250000000,\"entryBytes\":200000000,\"writtenBytes\":750000000,"
                + "\"clientWrittenBytes\":400000000,\"clientPeakMemoryBytes\":500000000,"
                + "\"clientMemoryHeld\":false,"
                + "\"serverPeakMemoryBytes\":200000000,\"nodes\":[{\"id\":\"n1\","
                + "\"cpuSecondsPerMillionKeys\":0.2500,\"writtenBytes\":1,"
                + "\"peakMemoryBytes\":2,\"memoryBoundBytes\":3,\"memoryHeld\":true},{\"id\":\"n2\","
                + "\"cpuSecondsPerMillionKeys\":0.1250,\"writtenBytes\":4,"
                + "\"peakMemoryBytes\":5,\"memoryBoundBytes\":null,\"memoryHeld\":null}],"
                + "\"generateSeconds\":0.500,\"memoryBytes\":1000}");
    assertThat(outcome.seconds()).isEqualTo(4);
    assertThat(outcome.millionKeysPerSecond()).isEqualTo(0.5);
    assertThat(outcome.cpuPerMillionKeys()).isEqualTo(1.875, within(1e-9));
    assertThat(outcome.stages()).hasSize(3);
    assertThat(outcome.buildSeconds()).isEqualTo(2.5);
    assertThat(outcome.buildCpuSeconds())
        .as("of all processes, without what comes after building")
        .isEqualTo(2.2, within(1e-9));
    assertThat(outcome.writtenBytes() / outcome.inputBytes()).isEqualTo(3);
    assertThat(outcome.peakBytes()).isEqualTo(5e8);
    assertThat(outcome.serverPeakBytes()).isEqualTo(2e8);
    assertThat(outcome.boundBytes()).isEqualTo(1000);
    assertThat(outcome.held()).as("as it is told, whatever peak and bound are").isZero();
    assertThat(outcome.nodes())
        .containsExactly(
            new NodeCost("n1", 0.5, 1, 2, 3, 1),
            new NodeCost("n2", 0.25, 4, 5, Double.NaN, Double.NaN));
  }

  @Test
  void readsWhatOtherStoresPrint() {
    Outcome outcome =
        Outcome.ofPeer(
            DATA,
            new Subject.Peer("sparkey"),
            "{\"stages\":[{\"name\":\"put\",\"seconds\":3.000,\"cpuSeconds\":3.500},"
                + "{\"name\":\"index\",\"seconds\":1.000,\"cpuSeconds\":0.500}],"
                + "\"writtenBytes\":300,\"fileBytes\":200}\n",
            100,
            7);
    assertThat(outcome.seconds()).isEqualTo(4).isEqualTo(outcome.buildSeconds());
    assertThat(outcome.cpuPerMillionKeys()).isEqualTo(2);
    assertThat(outcome.writtenBytes() / outcome.inputBytes()).isEqualTo(3);
    assertThat(outcome.serverPeakBytes()).isNaN();
  }
}
