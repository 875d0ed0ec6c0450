package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.cli.bench.DiskBudget.Need;
import io.featurekv.cli.bench.InputPlan.Format;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBudgetTest {
  private static final long GIB = 1L << 30;

  @TempDir Path home;

  private LoadPlan plan(Format format) {
    return new LoadPlan(
        "t",
        TableKind.MEM,
        new InputPlan(format, 1_000_000, 100, 1),
        home.resolve("not/yet/there"),
        false,
        2 << 20,
        1 << 20,
        home,
        Duration.ofMinutes(1),
        false);
  }

  @Test
  void countsFilesRunsAndShards() {
    List<Need> needs = DiskBudget.of(plan(Format.PARQUET), List.of()).building();
    assertThat(needs.stream().map(Need::what))
        .containsExactly("input files", "shard files being built", "sorted runs");
    assertThat(needs.stream().map(Need::bytes))
        .containsExactly(124_000_000L, 140_000_000L, 124_000_000L);
    assertThat(needs.stream().map(Need::disk).distinct()).hasSize(1);
    assertThat(DiskBudget.of(plan(Format.GENERATE), List.of()).building()).hasSize(2);
  }

  @Test
  void refusesWithFiguresWhatDoesNotFitOnOneDisk() {
    Need first = new Need("input files", "/dev/a", 5 * GIB, 2 * GIB);
    Need second = new Need("sorted runs", "/dev/a", 5 * GIB, 3 * GIB);
    Need elsewhere = new Need("shard files of node n1", "node n1", 5 * GIB, 3 * GIB);
    assertThatCode(() -> new DiskBudget(List.of(first, elsewhere), List.of(second)).check())
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> new DiskBudget(List.of(first), List.of(first, second, elsewhere)).check())
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("needs 5.0 GiB on /dev/a")
        .hasMessageContaining("2.0 GiB of input files, 3.0 GiB of sorted runs")
        .hasMessageContaining("5.0 GiB are free")
        .satisfies(
            error -> assertThat(((FeatureKvException) error).code()).isEqualTo(ErrorCode.NO_SPACE));
  }
}
