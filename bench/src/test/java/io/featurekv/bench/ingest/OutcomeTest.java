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
                + "\"keysPerSecond\":1000000.0,\"clientCpuSecondsPerMillionKeys\":0.7500},"
                + "{\"name\":\"build\",\"seconds\":0.500,\"entries\":2000000,"
                + "\"keysPerSecond\":4000000.0,\"clientCpuSecondsPerMillionKeys\":0.2500},"
                + "{\"name\":\"ship\",\"seconds\":1.000,\"entries\":2000000,"
                + "\"keysPerSecond\":2000000.0,\"clientCpuSecondsPerMillionKeys\":null}],"
                + "\"cpuSecondsPerMillionKeys\":1.8750,"
                + "\"clientCpuSecondsPerMillionKeys\":1.5000,"
                + "\"serverCpuSecondsPerMillionKeys\":0.3750,"
                + "\"inputBytes\":250000000,\"entryBytes\":200000000,\"writtenBytes\":750000000,"
                + "\"clientWrittenBytes\":400000000,\"clientPeakMemoryBytes\":500000000,"
                + "\"serverPeakMemoryBytes\":200000000,\"nodes\":[{\"id\":\"n1\","
                + "\"cpuSecondsPerMillionKeys\":0.2500,\"writtenBytes\":1}],"
                + "\"generateSeconds\":0.500,\"memoryBytes\":1000}");
    assertThat(outcome.seconds()).isEqualTo(4);
    assertThat(outcome.millionKeysPerSecond()).isEqualTo(0.5);
    assertThat(outcome.cpuPerMillionKeys()).isEqualTo(1.875, within(1e-9));
    assertThat(outcome.stages()).hasSize(3);
    assertThat(outcome.buildSeconds()).isEqualTo(2.5);
    assertThat(outcome.buildCpuSeconds())
        .as("nodes do not tell it apart")
        .isEqualTo(3.75, within(1e-9));
    assertThat(outcome.writtenBytes() / outcome.inputBytes()).isEqualTo(3);
    assertThat(outcome.peakBytes()).isEqualTo(5e8);
    assertThat(outcome.serverPeakBytes()).isEqualTo(2e8);
    assertThat(outcome.boundBytes()).as("that of the command says nothing of nodes").isNaN();
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
