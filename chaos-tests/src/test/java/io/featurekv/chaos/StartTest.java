package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executable is one file; what lies beside it only makes it start faster. */
class StartTest {
  @TempDir Path directory;

  @Test
  void theBuildLeavesCachesBesideTheExecutable() {
    Path executable = FeatureKvProcess.executable();
    assertThat(executable.resolveSibling("featurekv.server.aot")).isNotEmptyFile();
    assertThat(executable.resolveSibling("featurekv.command.aot")).isNotEmptyFile();
  }

  @Test
  void startsWithoutCachesAndWithSomeThatDoNotFit() throws IOException, InterruptedException {
    Path copy = directory.resolve("featurekv");
    Files.copy(FeatureKvProcess.executable(), copy);
    assertThat(copy.toFile().setExecutable(true)).isTrue();
    saysItsVersion(copy);
    // What the build left, beside a copy of the file that it was made for.
    Path cache = directory.resolve("featurekv.command.aot");
    Files.copy(FeatureKvProcess.executable().resolveSibling("featurekv.command.aot"), cache);
    saysItsVersion(copy);
    byte[] damaged = new byte[100_000];
    new Random(1).nextBytes(damaged);
    Files.write(cache, damaged);
    saysItsVersion(copy);
  }

  private void saysItsVersion(Path executable) throws IOException, InterruptedException {
    ProcessBuilder builder = FeatureKvProcess.command(List.of("--version"));
    builder.command().set(0, executable.toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).startsWith("featurekv ").hasLineCount(1);
  }
}
