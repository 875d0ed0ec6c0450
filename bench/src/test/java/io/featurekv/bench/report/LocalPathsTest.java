package io.featurekv.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LocalPathsTest {
  @Test
  void tellsPathsBelowADirectoryAsSeenFromThere() {
    assertThat(
            LocalPaths.seenFrom(
                Path.of("/home/x/kv"), "run --executable /home/x/kv/cli/a --dir /home/x/kvs /b"))
        .isEqualTo("run --executable cli/a --dir /home/x/kvs /b");
  }
}
