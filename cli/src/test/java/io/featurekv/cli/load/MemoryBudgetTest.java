package io.featurekv.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  @Test
  void whatIsNeitherHeapNorTheMachinesIsForBuilding() {
    MemoryBudget budget = new MemoryBudget(1024 * MIB, 256 * MIB);
    assertThat(budget.buildBytes()).isEqualTo(576 * MIB);
    assertThat(budget.isEnough()).isTrue();
  }

  @Test
  void theLeastThatItNamesWorksAndLessDoesNot() {
    long least = new MemoryBudget(64 * MIB, 32 * MIB).leastBytes();
    assertThat(least).isEqualTo(278 * MIB);
    assertThat(new MemoryBudget(least, least / 4).isEnough()).isTrue();
    long less = least - MIB;
    assertThat(new MemoryBudget(less, less / 4).isEnough()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {64, 277, 1000})
  void aHeapThatIsLargerThanItsPartCountsAsItIs(long boundMib) {
    MemoryBudget budget = new MemoryBudget(boundMib * MIB, 2048 * MIB);
    assertThat(budget.isEnough()).isFalse();
    assertThat(budget.leastBytes()).isEqualTo((2048 + 208) * MIB);
    assertThat(new MemoryBudget(budget.leastBytes(), 2048 * MIB).isEnough()).isTrue();
    assertThat(budget.refusal()).contains("2.2 GiB").contains("FEATUREKV_MEMORY");
  }

  @Test
  void saysWhatIsGivenAndWhatWorks() {
    assertThat(new MemoryBudget(64 * MIB, 32 * MIB).refusal())
        .isEqualTo(
            "--memory 64.0 MiB is too little: a load needs 278.0 MiB at least, of which up to"
                + " 69.5 MiB are the heap");
  }
}
