package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void batchesAreDueAtEvenDistances() {
    Schedule schedule = new Schedule(1000, 2500);
    assertThat(schedule.dueNanos(0)).isEqualTo(1000);
    assertThat(schedule.dueNanos(1)).isEqualTo(401_000);
    assertThat(schedule.dueNanos(2500)).isEqualTo(1_000_001_000);
  }

  @Test
  void doesNotDriftWhereTheDistanceIsNoWholeNumberOfNanoseconds() {
    Schedule schedule = new Schedule(0, 3);
    assertThat(schedule.dueNanos(3L * 86_400)).isEqualTo(86_400_000_000_000L);
  }

  @Test
  void findsTheFirstBatchAtOrAfterATime() {
    Schedule schedule = new Schedule(-500, 1_000_000);
    assertThat(schedule.firstAt(-500)).isZero();
    assertThat(schedule.firstAt(-499)).isEqualTo(1);
    assertThat(schedule.firstAt(500)).isEqualTo(1);
    assertThat(schedule.firstAt(501)).isEqualTo(2);
    assertThat(schedule.firstAt(-10_000)).isZero();
  }

  @Test
  void worksWhereTheClockWrapsAround() {
    Schedule schedule = new Schedule(Long.MAX_VALUE - 100, 1_000_000);
    assertThat(schedule.dueNanos(1) - schedule.dueNanos(0)).isEqualTo(1000);
    assertThat(schedule.firstAt(schedule.startNanos() + 2500)).isEqualTo(3);
  }
}
