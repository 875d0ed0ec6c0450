package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.BelowTarget;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code chaos-tests/lin-kv}. */
class LinKvRunTest {
  @TempDir(factory = BelowTarget.class, cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void votersStayLinearizableUnderAllFaults() throws IOException, InterruptedException {
    LinKvSettings settings =
        new LinKvSettings(20_261_128, 3, 8, Fault.parse("all"), Latency.EXPONENTIAL, 5, 60);
    System.out.println(settings.command());
    LinKvReport report = LinKvRun.run(settings, directory);
    System.out.println(report);
    assertThat(report.problems()).as("files in %s", report.directory()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }
}
