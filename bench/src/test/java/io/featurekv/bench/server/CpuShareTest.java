package io.featurekv.bench.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuShareTest {
  @Test
  void aDirectoryThatIsNoControlGroupHoldsNothing(@TempDir Path groups) {
    assertThatThrownBy(() -> CpuShare.of(groups, "trial", 0.5))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(groups).isEmptyDirectory();
  }
}
