package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.cli.bench.DiskBudget.Need;
import io.featurekv.cli.bench.DiskPlaces.NodeDisk;
import io.featurekv.cli.bench.InputPlan.Format;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.storage.ShardFileSize;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBudgetTest {
  private static final long GIB = 1L << 30;
  private static final long INPUT = 124_000_000;
  private static final long RUNS = 120_000_000;
  private static final long COPY = ShardFileSize.mostBytes(TableKind.MEM, 1_000_000, 16, 100);
  private static final Disk DISK = new Disk("/dev/a", 5 * GIB);

  @TempDir Path home;

  private LoadPlan plan(Format format, boolean onCluster) {
    return plan(new InputPlan(format, 1_000_000, 100, 1), onCluster);
  }

  private LoadPlan plan(InputPlan input, boolean onCluster) {
    return new LoadPlan(
        "t",
        TableKind.MEM,
        input,
        home.resolve("not/yet/there"),
        false,
        2 << 20,
        1 << 20,
        home,
        Duration.ofMinutes(1),
        onCluster);
  }

  private static NodeDisk node(String id, String sect, int weight, Duty... duties) {
    return new NodeDisk(
        new NodeRecord(
            id,
            1,
            1,
            sect,
            Arrays.stream(duties).collect(Collectors.toSet()),
            "127.0.0.1:1",
            "",
            "",
            weight,
            NodeState.UP,
            false,
            0,
            0),
        new Disk("disk of " + id, GIB));
  }

  private static Map<String, Long> bytes(List<Need> needs) {
    return needs.stream().collect(Collectors.toMap(Need::what, Need::bytes));
  }

  @Test
  void whereThisProcessBuildsItHasRunsAndShardsThenNodesHaveCopies() {
    DiskPlaces places =
        new DiskPlaces(
            DISK,
            DISK,
            List.of(
                node("a1", "a", 1, Duty.SERVE),
                node("a2", "a", 3, Duty.SERVE),
                node("b1", "b", 1, Duty.SERVE, Duty.BUILD),
                node("m", "m", 1, Duty.META)));
    List<List<Need>> phases = DiskBudget.of(plan(Format.PARQUET, false), places).phases();
    assertThat(bytes(phases.get(0)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("input files", INPUT, "shard files being built", COPY, "sorted runs", RUNS));
    assertThat(bytes(phases.get(1)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "input files",
                INPUT,
                "shard files being built",
                COPY,
                "shard files of node a1",
                COPY / 4,
                "shard files of node a2",
                COPY * 3 / 4,
                "shard files of node b1",
                COPY));
    DiskPlaces noInput = new DiskPlaces(null, DISK, List.of());
    assertThat(DiskBudget.of(plan(Format.GENERATE, false), noInput).phases().getFirst()).hasSize(2);
  }

  @Test
  void whereNodesBuildTheirDisksHoldRunsAndCopiesAtOneTime() {
    DiskPlaces places =
        new DiskPlaces(
            DISK,
            DISK,
            List.of(
                node("a1", "a", 1, Duty.SERVE, Duty.BUILD),
                node("b1", "b", 1, Duty.SERVE),
                node("c1", "c", 1, Duty.BUILD)));
    List<List<Need>> phases = DiskBudget.of(plan(Format.PARQUET, true), places).phases();
    assertThat(phases).hasSize(1);
    assertThat(bytes(phases.getFirst()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "input files",
                INPUT,
                "sorted runs of node a1",
                RUNS / 2,
                "runs that node a1 fetches",
                RUNS / 2,
                "sorted runs of node c1",
                RUNS / 2,
                "runs that node c1 fetches",
                RUNS / 2,
                // What it builds is kept as it is, and is no more than all there is.
                "shard files of node a1",
                COPY,
                "shard files of node b1",
                COPY,
                "shard files of node c1",
                COPY / 2));
  }

  @Test
  void oneBuilderFetchesNoRunsAndBuildsIntoItsOwnStore() {
    DiskPlaces places =
        new DiskPlaces(null, DISK, List.of(node("a1", "a", 1, Duty.SERVE, Duty.BUILD)));
    assertThat(bytes(DiskBudget.of(plan(Format.GENERATE, true), places).phases().getFirst()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("sorted runs of node a1", RUNS, "shard files of node a1", COPY));
  }

  @Test
  void lengthsOfLongValuesTakeMoreInRuns() {
    DiskPlaces places = new DiskPlaces(null, DISK, List.of());
    for (int valueBytes : new int[] {(1 << 16) - 1, 1 << 16}) {
      InputPlan input = new InputPlan(Format.GENERATE, 1000, valueBytes, 1);
      int head = valueBytes < 1 << 16 ? 4 : 6;
      assertThat(bytes(DiskBudget.of(plan(input, false), places).phases().getFirst()))
          .containsEntry("sorted runs", 1000L * (16 + valueBytes + head));
    }
  }

  @Test
  void whatSharesADiskIsAddedUp() {
    Need first = new Need("input files", DISK, 2 * GIB);
    Need second = new Need("sorted runs", DISK, 3 * GIB);
    Need elsewhere = new Need("shard files of node n1", new Disk("n1: /dev/a", 5 * GIB), 3 * GIB);
    assertThatCode(
            () -> new DiskBudget(List.of(List.of(first, elsewhere), List.of(second))).check())
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () ->
                new DiskBudget(List.of(List.of(first), List.of(first, second, elsewhere))).check())
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("needs 5.0 GiB on /dev/a")
        .hasMessageContaining("2.0 GiB of input files, 3.0 GiB of sorted runs")
        .hasMessageContaining("5.0 GiB are free")
        .satisfies(
            error -> assertThat(((FeatureKvException) error).code()).isEqualTo(ErrorCode.NO_SPACE));
  }

  @Test
  void nodesOfThisMachineShareItsDisks() throws Exception {
    Disk here = DiskPlaces.here(home.resolve("not/yet/there"));
    String metric = "featurekv_free_disk_bytes{directory=\"" + home + "\",disk=\"/dev/b (ext4)\"}";
    List<String> hosts = new ArrayList<>(List.of("127.0.0.1", "localhost", "[::1]"));
    // Those of its networks too, where it has any.
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(Inet4Address.class::isInstance)
        .forEach(address -> hosts.add(address.getHostAddress()));
    for (String host : hosts) {
      assertThat(DiskPlaces.told(host, Map.entry(metric, 12.0)))
          .as(host)
          .hasValueSatisfying(disk -> assertThat(disk.name()).isEqualTo(here.name()));
    }
    // An address for documents, which no machine has.
    assertThat(DiskPlaces.told("192.0.2.1", Map.entry(metric, 12.0)))
        .contains(new Disk("192.0.2.1: /dev/b (ext4)", 12));
    assertThat(DiskPlaces.told("192.0.2.1", Map.entry("process_cpu_seconds_total", 12.0)))
        .isEmpty();
  }

  @Test
  void filesThatAreThereAreNotWritten() {
    assertThat(DiskPlaces.look(plan(Format.GENERATE, false), Set.of()).input()).isNull();
    assertThat(DiskPlaces.look(plan(Format.CSV, false), Set.of()).input()).isNotNull();
  }
}
