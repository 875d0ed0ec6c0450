package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.loader.GeneratedEntries;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.DataCheck;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.Gates;
import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.Share;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gates that nodes have to look into a version for. */
class GatesClusterTest {
  private static final int ENTRIES = 1_000;
  private static final GoldenKey GOLDEN =
      GoldenKey.ofValue(
          GeneratedEntries.keyBytes(7), GeneratedEntries.parse(input(ENTRIES, 1)).value(7));
  private static final GoldenKey NOWHERE =
      new GoldenKey(
          GeneratedEntries.keyBytes(GeneratedEntries.FIRST_ABSENT), new GoldenKey.Absent());
  private static final Gates GATES =
      new Gates(null, null, null, null, Share.parse("60%"), List.of(), List.of(GOLDEN, NOWHERE));

  @TempDir Path directory;

  private static String input(int entries, int version) {
    return "generate:" + entries + "?valueBytes=40&version=" + version;
  }

  private static LoadReport load(
      TestCluster cluster, String table, int entries, int version, Gate... ignored) {
    return LoadRunner.run(
        cluster.admin(),
        cluster.request(table, input(entries, version), UpdateMode.FULL, "", Set.of(ignored)),
        TestCluster.quiet());
  }

  @Test
  void nodesRefuseVersionsWithOtherGoldenKeysOrTooFewKeysOfTheOneBefore() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "a", "b")) {
      for (TableKind kind : TableKind.values()) {
        String table = kind.word();
        cluster
            .admin()
            .propose(
                new Command.CreateTable(
                    table,
                    kind,
                    new TableOptions(4, 3, 0, 1 << 20, new ActivateWhen.Live()).withGates(GATES)));
        assertThat(load(cluster, table, ENTRIES, 1).state()).isEqualTo("ACTIVE");
        assertThatThrownBy(() -> load(cluster, table, ENTRIES, 2))
            .isInstanceOf(FeatureKvException.class)
            .hasMessageContaining("golden: 1 of 2 golden keys are not as expected")
            .hasMessageContaining(GOLDEN.shownKey());
        assertThat(load(cluster, table, ENTRIES, 2, Gate.GOLDEN).state()).isEqualTo("ACTIVE");
        assertThatThrownBy(() -> load(cluster, table, 2 * ENTRIES, 1))
            .isInstanceOf(FeatureKvException.class)
            .hasMessageContaining(
                "overlap: 1,000 of 2,000 keys looked up (50.0 %) are in version 3");
        assertThat(load(cluster, table, 2 * ENTRIES, 1, Gate.OVERLAP).state()).isEqualTo("ACTIVE");
        TableRecord record = cluster.metadata().tables().get(table);
        assertThat(record.activeVersion()).isEqualTo(5);
        assertThat(record.versions().get(4L).state()).isEqualTo(VersionState.FAILED);
        DataCheck passed = record.versions().get(3L).dataCheck();
        assertThat(passed.sampledKeys()).isEqualTo(ENTRIES);
        assertThat(passed.knownKeys()).isEqualTo(ENTRIES);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void loadsThatWereRefusedForEmptinessGoOnUnderTheirOwnId(boolean onCluster) throws IOException {
    Path none = Files.writeString(directory.resolve("none.csv"), "id,x\n");
    try (TestCluster cluster = TestCluster.start(directory.resolve("cluster"), "a")) {
      cluster
          .admin()
          .propose(
              new Command.CreateTable(
                  "t", TableKind.MEM, new TableOptions(4, 3, 0, 1 << 20, new ActivateWhen.Live())));
      assertThatThrownBy(() -> loadNone(cluster, none, onCluster, Set.of()))
          .isInstanceOf(FeatureKvException.class)
          .hasMessageContaining(onCluster ? "there is not a single entry" : "has no entries");
      LoadReport report = loadNone(cluster, none, onCluster, Set.of(Gate.EMPTY));
      assertThat(report.state()).isEqualTo("ACTIVE");
      assertThat(report.version()).as("no other version was begun").isEqualTo(1);
      assertThat(report.entries()).isZero();
    }
  }

  private static LoadReport loadNone(
      TestCluster cluster, Path none, boolean onCluster, Set<Gate> ignored) {
    LoadRequest request =
        cluster.request("t", none.toString(), UpdateMode.FULL, "nightly", ignored, "id");
    return LoadRunner.run(
        cluster.admin(),
        onCluster ? BuildClusterTest.onCluster(request) : request,
        TestCluster.quiet());
  }
}
