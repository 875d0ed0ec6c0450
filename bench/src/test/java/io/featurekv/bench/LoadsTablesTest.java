package io.featurekv.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.bench.ingest.DataSet;
import io.featurekv.bench.ingest.NodeCost;
import io.featurekv.bench.ingest.Outcome;
import io.featurekv.bench.ingest.Subject;
import io.featurekv.bench.profile.Profiles;
import io.featurekv.bench.report.Stages.Stage;
import io.featurekv.bench.report.Table;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadsTablesTest {
  private static final Subject IDX = new Subject.Own("idx", 1, true);

  private static Outcome outcome(
      int millions, Subject subject, double seconds, double cpu, double serverCpu) {
    return new Outcome(
        new DataSet(millions * 1_000_000, 100, "parquet"),
        subject,
        seconds,
        List.of(new Stage("read", seconds / 2, cpu / 2), new Stage("ship", seconds / 2, cpu / 2)),
        cpu,
        serverCpu,
        30,
        10,
        2 << 20,
        1 << 20,
        1 << 20,
        0,
        List.of(
            new NodeCost("node-a", serverCpu, 10, 1 << 20, 2 << 20, 1),
            new NodeCost("node-b", 0, 5, 1 << 20, Double.NaN, Double.NaN),
            // Above its bound at another time than that of its peak.
            new NodeCost("node-c", 0, 5, 1 << 20, 2 << 20, 0)),
        new Profiles(List.of(), List.of("no recording of node-b")));
  }

  private static double figure(Table table, String row, String column) {
    for (int i = 0; i < table.columns().size(); i++) {
      if (table.columns().get(i).name().equals(column)) {
        int at = i;
        return table.rows().stream()
            .filter(each -> each.name().equals(row))
            .mapToDouble(each -> each.figures().get(at))
            .findFirst()
            .orElseThrow();
      }
    }
    throw new AssertionError(column);
  }

  @Test
  void setsAreComparedWithOthersAndWithSmallerOnes() {
    Outcome small = outcome(50, IDX, 40, 50, 25);
    Outcome large = outcome(100, IDX, 100, 100, 50);
    Outcome peer = outcome(50, new Subject.Peer("sparkey"), 30, 100, 0);
    List<Table> ofSet = LoadsTables.ofSet(small.data(), List.of(small, peer));
    assertThat(ofSet.stream().map(Table::title))
        .containsExactly(
            "50M x 16+100 parquet",
            "50M x 16+100 parquet, by stage",
            "50M x 16+100 parquet, by process",
            "50M x 16+100 parquet, beside others");
    Table processes = ofSet.get(2);
    assertThat(figure(processes, "featurekv-idx: load", "held")).isZero();
    assertThat(figure(processes, "featurekv-idx: node-a", "CPU s/Mkeys")).isEqualTo(0.5);
    assertThat(figure(processes, "featurekv-idx: node-a", "held")).isEqualTo(1);
    assertThat(figure(processes, "featurekv-idx: node-b", "held")).isNaN();
    assertThat(figure(processes, "featurekv-idx: node-c", "held")).isZero();
    assertThat(processes.notes()).contains("featurekv-idx: no recording of node-b");
    // Only what comes before shipping is compared with the building of another store.
    assertThat(figure(ofSet.getLast(), "sparkey", "build time x featurekv-idx")).isEqualTo(0.75);
    assertThat(figure(ofSet.getLast(), "sparkey", "CPU x served featurekv-idx"))
        .isEqualTo(2.0 / 1.5);

    List<Table> all = LoadsTables.all(List.of(small, peer, large));
    assertThat(all.stream().map(Table::title)).containsExactly("how it grows", "targets");
    assertThat(
            figure(all.getFirst(), "featurekv-idx, 100M x 16+100 parquet", "of the smaller set's"))
        .isEqualTo(0.8);
    Table targets = all.getLast();
    assertThat(figure(targets, "Mkeys/s, featurekv-idx, 50M x 16+100 parquet", "met")).isEqualTo(1);
    assertThat(figure(targets, "CPU s/Mkeys, featurekv-idx, 50M x 16+100 parquet", "figure"))
        .isEqualTo(1.5);
    assertThat(figure(targets, "rate of that at 50M, featurekv-idx, 100M x 16+100 parquet", "met"))
        .isZero();
    assertThat(
            figure(targets, "peak memory MB of load, featurekv-idx, 50M x 16+100 parquet", "met"))
        .isZero();
    assertThat(
            figure(targets, "peak memory MB of node-c, featurekv-idx, 50M x 16+100 parquet", "met"))
        .isZero();
    assertThat(
            figure(
                targets,
                "build time of sparkey by that of featurekv-idx, 50M x 16+100 parquet",
                "met"))
        .isZero();
  }

  @Test
  void otherValuesAreHeldAgainstThePlainSetThatIsNearestInBytes() {
    Outcome small =
        withData(new DataSet(300_000_000, 8, "parquet"), outcome(300, IDX, 200, 200, 100));
    List<Table> all =
        LoadsTables.all(List.of(outcome(10, IDX, 5, 5, 5), outcome(50, IDX, 40, 50, 25), small));
    assertThat(figure(all.getFirst(), "featurekv-idx, 300M x 16+8 parquet", "of 16+100's"))
        .isEqualTo(1.5 / 1.25);
    assertThat(figure(all.getFirst(), "featurekv-idx, 50M x 16+100 parquet", "of 16+100's"))
        .isNaN();
    assertThat(
            figure(all.getFirst(), "featurekv-idx, 50M x 16+100 parquet", "of the smaller set's"))
        .isEqualTo(1.25 / 2);
  }

  private static Outcome withData(DataSet data, Outcome outcome) {
    return new Outcome(
        data,
        outcome.subject(),
        outcome.seconds(),
        outcome.stages(),
        outcome.cpuSeconds(),
        outcome.serverCpuSeconds(),
        outcome.writtenBytes(),
        outcome.inputBytes(),
        outcome.peakBytes(),
        outcome.serverPeakBytes(),
        outcome.boundBytes(),
        outcome.held(),
        outcome.nodes(),
        outcome.profiles());
  }

  @Test
  void furtherReplicasAreWhatThreeSectsTakeBeyondOne() {
    Subject three = new Subject.Own("idx", 3, true);
    List<Table> tables =
        LoadsTables.all(List.of(outcome(50, IDX, 40, 50, 25), outcome(50, three, 60, 60, 65)));
    String row = "featurekv-idx, 3 sects, 50M x 16+100 parquet";
    assertThat(figure(tables.get(1), row, "further replica")).isEqualTo(0.5);
    assertThat(figure(tables.getLast(), "further replica, CPU s/Mkeys, " + row, "met"))
        .isEqualTo(1);
  }
}
