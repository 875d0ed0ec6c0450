package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryPeakTest {
  @Test
  void theBoundIsThatOfTheLookWithMostMemory() {
    MemoryPeak peak = MemoryPeak.UNKNOWN.seen(50, 100).seen(120, 200).seen(90, 100);
    assertThat(peak).isEqualTo(new MemoryPeak(120, 200, -10));
    assertThat(peak.isHeld()).isTrue();
  }

  @Test
  void oneLookAboveItsBoundIsEnough() {
    MemoryPeak peak = MemoryPeak.UNKNOWN.seen(60, 50).seen(120, 200);
    assertThat(peak.isHeld()).isFalse();
    assertThat(peak.mostAboveBytes()).isEqualTo(10);
    assertThat(peak.bytes()).isEqualTo(120);
  }

  @Test
  void whatIsNotToldIsNotKnown() {
    assertThat(MemoryPeak.UNKNOWN.isKnown()).isFalse();
    assertThat(MemoryPeak.UNKNOWN.seen(60, Double.NaN).isKnown()).isFalse();
    assertThat(MemoryPeak.UNKNOWN.seen(60, Double.NaN).bytes()).isEqualTo(60);
    assertThat(MemoryPeak.UNKNOWN.seen(Double.NaN, 70).seen(60, 70).isHeld()).isTrue();
  }
}
