package io.featurekv.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.bench.ingest.DataSet;
import io.featurekv.bench.ingest.PeerBuild;
import io.featurekv.bench.ingest.Subject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadsPlanTest {
  private static final long GB = 1_000_000_000;
  private static final Subject MEM = new Subject.Own("mem", 1, true);
  private static final Subject IDX = new Subject.Own("idx", 1, true);

  private static LoadsPlan plan(String line, long memoryGb, long diskGb) throws Exception {
    List<String> words = line.isEmpty() ? List.of() : List.of(line.split(" "));
    return LoadsPlan.of(
        LoadsOptionParser.parse(words), memoryGb * GB, diskGb * GB, Optional.empty());
  }

  @Test
  void everySetIsWrittenOnceForAllWhoBuildFromIt() throws Exception {
    LoadsPlan plan = plan("", 64, 100);
    assertThat(plan.leftOut()).isEmpty();
    assertThat(plan.work().keySet().stream().map(DataSet::title))
        .containsExactlyInAnyOrder(
            "10M x 16+100 parquet",
            "50M x 16+100 parquet",
            "100M x 16+100 parquet",
            "10M x 16+100 csv",
            "50M x 16+100 csv",
            "100M x 16+100 csv",
            "20M x 16+400 parquet",
            "300M x 16+8 parquet",
            "20M x 16+100 parquet",
            "5M x 16+100 parquet");
    assertThat(plan.work().get(new DataSet(50_000_000, 100, "parquet")))
        .containsExactly(
            MEM,
            IDX,
            new Subject.Peer("rocksdb-unsorted"),
            new Subject.Peer("rocksdb-sorted"),
            new Subject.Peer("sparkey"),
            new Subject.Own("idx", 3, true));
    assertThat(plan.work().get(new DataSet(300_000_000, 8, "parquet"))).containsExactly(IDX);
  }

  @Test
  void leavesBuildersOutWhereNoneCanBeHeld() throws Exception {
    LoadsOptions options =
        LoadsOptionParser.parse(List.of("--sections", "builders", "--builder-entries", "2M"));
    LoadsPlan held = LoadsPlan.of(options, 64 * GB, 100 * GB, Optional.empty());
    assertThat(held.work().get(new DataSet(2_000_000, 100, "parquet")))
        .extracting(Subject::name)
        .containsExactly(
            "featurekv-idx, 1 builder", "featurekv-idx, 2 builders", "featurekv-idx, 3 builders");
    LoadsPlan free = LoadsPlan.of(options, 64 * GB, 100 * GB, Optional.of("not root"));
    assertThat(free.work()).isEmpty();
    assertThat(free.leftOut()).containsExactly("section builders is left out: not root");
  }

  @Test
  void leavesOutWithFiguresWhatHasNoRoom() throws Exception {
    LoadsPlan plan = plan("--sections grow --sources csv --entries 10M,100M", 20, 40);
    assertThat(plan.work()).containsOnlyKeys(new DataSet(10_000_000, 100, "csv"));
    assertThat(plan.leftOut())
        .containsExactly(
            "100M x 16+100 csv into featurekv-mem is left out: it needs 13.7 GB in memory, of"
                + " which half may be taken; there are 20.0 GB",
            "100M x 16+100 csv into featurekv-idx is left out: it needs 44.9 GB of disk; there are"
                + " 40.0 GB");
    assertThat(plan.diskBytes()).isBetween(4 * GB, 5 * GB);
  }

  @Test
  void peersOfTheOptionsAreThoseThatThereAre() {
    assertThat(LoadsOptions.PEERS)
        .isEqualTo(PeerBuild.peers().stream().map(peer -> peer.name()).toList());
    assertThat(LoadsOptionParser.HELP)
        .contains(String.join(",", LoadsOptions.SECTIONS))
        .contains(String.join(",", LoadsOptions.PEERS));
  }

  @Test
  void quickIsSmallUnlessToldOtherwise() throws Exception {
    LoadsOptions options = LoadsOptionParser.parse(List.of("--quick", "--kinds", "mem,blk"));
    assertThat(options.entries()).containsExactly(250_000, 1_000_000);
    assertThat(options.kinds()).containsExactlyInAnyOrder("mem", "blk");
    assertThat(plan("--quick", 64, 100).diskBytes()).isLessThan(GB);
  }

  @Test
  void theCommandIsOnRecord() throws Exception {
    assertThat(LoadsOptionParser.parse(List.of("--sections", "grow,small")).describe())
        .containsEntry("command", "bench/load --sections grow,small");
  }

  @Test
  void keptRecordingsImplyAProfile() throws Exception {
    assertThat(LoadsOptionParser.parse(List.of()).isProfiled()).isFalse();
    assertThat(LoadsOptionParser.parse(List.of("--profile", "--quick")).isProfiled()).isTrue();
    LoadsOptions options = LoadsOptionParser.parse(List.of("--keep-recordings", "kept"));
    assertThat(options.isProfiled()).isTrue();
    assertThat(options.keptRecordings()).isEqualTo(Path.of("kept"));
    assertThatThrownBy(() -> LoadsOptionParser.parse(List.of("--profile", "--dir", "/a b")))
        .isInstanceOf(OptionParser.BadOption.class)
        .hasMessageContaining("--dir without blanks and commas, found '/a b'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--entries",
        "--entries 10M,x",
        "--sources orc",
        "--peers riak",
        "--small-entries 5G",
        "--sections storage"
      })
  void refusesWhatItDoesNotKnow(String line) {
    assertThatThrownBy(() -> LoadsOptionParser.parse(List.of(line.split(" "))))
        .isInstanceOf(OptionParser.BadOption.class);
  }
}
