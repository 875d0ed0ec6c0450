package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.ReadsUnderFaults.Least;
import io.featurekv.chaos.ReadsUnderFaults.Result;
import io.featurekv.chaos.ReadsUnderFaults.Settings;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code chaos-tests/reads}. */
class ReadsUnderFaultsTest {
  @TempDir(factory = BelowTarget.class, cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void noBatchFailsOrMixesVersionsWhateverIsLoadedSwappedOrKilled() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Settings settings =
        new Settings(
            0,
            Duration.ofSeconds(30),
            200,
            20_000,
            "max",
            Duration.ofSeconds(5),
            Duration.ofMillis(500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            // A busy machine gets no further.
            new Least(5, 0, 1),
            seed,
            false);
    try (ReadsUnderFaults faults = ReadsUnderFaults.prepare(directory, settings)) {
      Result result = faults.run();
      System.out.println(result);
      assertThat(result.problem()).as("%s; files in %s", result, directory).isEmpty();
      assertThat(result.batches()).isGreaterThan(100);
      assertThat(result.mixed() + result.wrong() + result.failed())
          .as("%s; files in %s", result, directory)
          .isZero();
    }
  }
}
