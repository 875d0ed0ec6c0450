package io.featurekv.node.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How fast work beside the reads may go, by a clock of the test's own. */
class BackgroundRateTest {
  private static final long CAP = 1L << 30;
  private static final int PIECE = 4 << 20;

  private long nowNanos;
  private long sleptNanos;
  private long batches;
  private long due;
  private long probes;
  private long late;

  private final BackgroundRate rate =
      new BackgroundRate(
          () -> new ReadPressure.Sample(batches, due, probes, late),
          CAP,
          () -> nowNanos,
          nanos -> {
            sleptNanos += nanos;
            nowNanos += nanos;
          });

  /** One step in which so many probes of ten found a loop late. */
  private void step(boolean isRead, int lateOfTen) {
    nowNanos += BackgroundRate.STEP_NANOS;
    batches += isRead ? 100 : 0;
    due += 10;
    probes += 10;
    late += lateOfTen;
    rate.accept(1);
  }

  @Test
  void withoutReadsOnlyTheCapBounds() {
    step(false, 10);
    assertThat(rate.bytesPerSecond()).isEqualTo(CAP);
    sleptNanos = 0;
    for (long bytes = 0; bytes < CAP; bytes += PIECE) {
      rate.accept(PIECE);
    }
    assertThat(sleptNanos).isBetween(TimeUnit.MILLISECONDS.toNanos(900), 1_010_000_000L);
  }

  @Test
  void readsThatWaitSlowItDownToTheFloorAndNotFurther() {
    step(true, 0);
    assertThat(rate.bytesPerSecond()).isEqualTo(BackgroundRate.FIRST_BYTES_PER_SECOND);
    step(true, 5);
    assertThat(rate.bytesPerSecond())
        .isEqualTo(BackgroundRate.FIRST_BYTES_PER_SECOND * BackgroundRate.DECREASE);
    for (int i = 0; i < 100; i++) {
      step(true, 10);
    }
    assertThat(rate.bytesPerSecond()).isEqualTo(BackgroundRate.MIN_BYTES_PER_SECOND);
  }

  @Test
  void readsThatDoNotWaitLetItRiseAgain() {
    for (int i = 0; i < 100; i++) {
      step(true, 10);
    }
    step(true, 1);
    assertThat(rate.bytesPerSecond())
        .isEqualTo(BackgroundRate.MIN_BYTES_PER_SECOND + BackgroundRate.INCREASE_BYTES_PER_SECOND);
    double learnt = rate.bytesPerSecond();
    nowNanos += BackgroundRate.IDLE_NANOS;
    step(false, 0);
    assertThat(rate.bytesPerSecond()).isEqualTo(CAP);
    step(true, 0);
    assertThat(rate.bytesPerSecond()).isEqualTo(learnt);
  }

  @Test
  void readsThatHaveStoppedAltogetherAreNotTakenForNoReads() {
    step(true, 0);
    double first = rate.bytesPerSecond();
    nowNanos += BackgroundRate.STEP_NANOS;
    due += 20;
    rate.accept(1);
    assertThat(rate.bytesPerSecond()).isEqualTo(first * BackgroundRate.DECREASE);
  }

  @Test
  void idleTimeIsNotSavedUp() {
    step(true, 0);
    nowNanos += TimeUnit.HOURS.toNanos(1);
    batches++;
    sleptNanos = 0;
    rate.accept(PIECE);
    rate.accept(PIECE);
    assertThat(sleptNanos).isPositive();
  }
}
