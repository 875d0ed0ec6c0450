package io.featurekv.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReadClockTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final AtomicLong ownMillis = new AtomicLong(7_000_000);
  private final ReadClock clock = new ReadClock(nanos::get, ownMillis::get);

  private void pass(long millis) {
    nanos.addAndGet(millis * 1_000_000);
  }

  @Test
  void isTheOwnClockBeforeTheFirstWord() {
    assertThat(clock.millis()).isEqualTo(7_000_000);
    ownMillis.set(6_000_000);
    assertThat(clock.millis()).isEqualTo(6_000_000);
    clock.heard(0);
    assertThat(clock.millis()).isEqualTo(6_000_000);
  }

  @Test
  void carriesTheLeadersClockOn() {
    clock.millis();
    clock.heard(1_000);
    assertThat(clock.millis()).as("whatever the own clock said").isEqualTo(1_000);
    pass(250);
    ownMillis.set(0);
    assertThat(clock.millis()).isEqualTo(1_250);
    clock.heard(2_000);
    assertThat(clock.millis()).isEqualTo(2_000);
  }

  @Test
  void standsStillUntilALeaderThatIsBehindHasCaughtUp() {
    clock.heard(10_000);
    pass(100);
    assertThat(clock.millis()).isEqualTo(10_100);
    clock.heard(9_000);
    assertThat(clock.millis()).isEqualTo(10_100);
    pass(1_099);
    assertThat(clock.millis()).isEqualTo(10_100);
    pass(2);
    assertThat(clock.millis()).isEqualTo(10_101);
  }
}
