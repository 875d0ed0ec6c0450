package io.featurekv.chaos.instruments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that the instruments for time and memory of a process do what they say. */
class ProcessInstrumentsTest {
  private static final int MEBIBYTE = 1 << 20;

  /** With room for what the process itself needs, so that it is not killed. */
  private static final int BOUND_BYTES = 48 * MEBIBYTE;

  /** Of a mebibyte each: more than is allowed. */
  private static final int FILES = 64;

  @TempDir Path directory;

  @Test
  void pausedProcessStandsStillUntilItIsLetGo() throws IOException {
    Required.present(Pause.missing());
    try (ObedientProcess process = ObedientProcess.start(List.of(), Map.of())) {
      process.ask("clock");
      Pause pause = Pause.of(process.pid());
      try (pause) {
        await().until(pause::isStopped);
      }
      await().until(() -> !pause.isStopped());
      assertThat(process.ask("clock")).startsWith("ok");
    }
  }

  @Test
  void fakeClockIsOffByWhatItWasToldAndJumps() throws IOException {
    Required.present(FakeClock.missing());
    FakeClock clock = FakeClock.create(directory);
    try (ObedientProcess process = ObedientProcess.start(List.of(), clock.environment())) {
      assertThat(offset(process)).isLessThan(Duration.ofHours(1));
      clock.offset(Duration.ofDays(1));
      assertThat(offset(process)).isBetween(Duration.ofHours(23), Duration.ofHours(25));
      clock.offset(Duration.ofDays(-1));
      assertThat(offset(process)).isBetween(Duration.ofHours(-25), Duration.ofHours(-23));
      assertThat(clock.readings()).isPositive();
    }
  }

  private static Duration offset(ObedientProcess process) throws IOException {
    long there = Long.parseLong(process.ask("clock").substring("ok ".length()));
    return Duration.ofMillis(there - System.currentTimeMillis());
  }

  @Test
  void squeezedProcessGivesPagesBackAndGoesOn() throws IOException {
    Required.present(MemorySqueeze.missing());
    try (ObedientProcess process = ObedientProcess.start(List.of(), Map.of());
        MemorySqueeze squeeze = MemorySqueeze.create()) {
      process.ask("clock");
      squeeze.add(process.pid());
      squeeze.limit(BOUND_BYTES);
      for (int i = 0; i < FILES; i++) {
        String file = directory.resolve("file" + i).toString();
        assertThat(process.ask("write", file, Integer.toString(MEBIBYTE))).startsWith("ok");
      }
      assertThat(squeeze.timesMet()).isPositive();
      assertThat(squeeze.usedBytes()).isLessThanOrEqualTo(BOUND_BYTES);
      squeeze.release();
      assertThat(process.ask("clock")).startsWith("ok");
    }
  }
}
