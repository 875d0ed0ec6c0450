package io.featurekv.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.featurekv.bench.report.Table;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileSumsTest {
  private static final String COPY = "jdk.internal.misc.Unsafe.copyMemory";
  private static final List<String> BUFFER =
      List.of(COPY, "io.featurekv.loader.sort.SortBuffer.add");
  private static final List<String> MERGE =
      List.of(COPY, "io.featurekv.loader.sort.MergeCursor.next");

  @Test
  void sharesAreOfAllThatWasSampledAndCounted() {
    ProfileSums sums = new ProfileSums();
    for (int i = 0; i < 30; i++) {
      sums.sample(BUFFER, 0.01);
    }
    for (int i = 0; i < 20; i++) {
      sums.sample(MERGE, 0.01);
    }
    sums.add(Part.GC, 0.1);
    sums.add(Part.JIT, 0.4);
    ProcessProfile profile = sums.of("load");
    assertThat(profile.wholeSeconds()).isCloseTo(1, within(1e-9));
    assertThat(profile.cpuSeconds().keySet())
        .containsExactlyInAnyOrder(Part.BUFFER, Part.MERGE, Part.GC, Part.JIT);
    // One method, told apart by what it did its work for.
    assertThat(profile.hottest())
        .extracting(ProcessProfile.HotMethod::name, ProcessProfile.HotMethod::part)
        .containsExactly(tuple(COPY, Part.BUFFER), tuple(COPY, Part.MERGE));

    List<Table> tables =
        ProfileTables.of("2M into idx", 2, new Profiles(List.of(profile), List.of()));
    assertThat(tables.stream().map(Table::title))
        .containsExactly(
            "2M into idx: CPU of load by part", "2M into idx: hottest methods of load");
    Table.Row first = tables.getFirst().rows().getFirst();
    assertThat(first.name()).isEqualTo("compile code");
    assertThat(first.figures().get(0)).isCloseTo(40, within(1e-6));
    assertThat(first.figures().get(2)).isCloseTo(0.2, within(1e-9));
  }

  @Test
  void namesTheHottestOnly() {
    ProfileSums sums = new ProfileSums();
    for (int i = 0; i < 2 * ProfileSums.HOTTEST; i++) {
      sums.sample(List.of("a.B.m" + i), i);
    }
    ProcessProfile profile = sums.of("load");
    assertThat(profile.hottest()).hasSize(ProfileSums.HOTTEST);
    assertThat(profile.hottest().getFirst().name())
        .isEqualTo("a.B.m" + (2 * ProfileSums.HOTTEST - 1));
  }
}
