package io.featurekv.bench.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutableCommandsTest {
  @TempDir Path home;

  private Path executable(String script) throws IOException {
    Path file = Files.writeString(home.resolve("featurekv"), "#!/bin/sh\n" + script + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void returnsWhatACommandPrints() throws IOException {
    try (ExecutableCommands commands = new ExecutableCommands(executable("echo \"$@\" >&2"))) {
      assertThat(commands.run(List.of("wait", "healthy"))).isEqualTo("wait healthy");
    }
  }

  @Test
  void noCommandBeginsOnceItIsClosed() throws IOException {
    Path file = home.resolve("file");
    ExecutableCommands commands = new ExecutableCommands(executable("touch " + file));
    commands.close();
    assertThatThrownBy(() -> commands.run(List.of("status")))
        .isInstanceOf(IOException.class)
        .hasMessage("interrupted");
    assertThat(file).doesNotExist();
  }
}
