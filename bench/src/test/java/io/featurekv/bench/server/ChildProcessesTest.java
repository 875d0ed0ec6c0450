package io.featurekv.bench.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessesTest {
  @TempDir Path home;

  /** One that has begun, and does not end soon. */
  private static Process busy(ChildProcesses processes, String before, String last)
      throws IOException {
    Process process =
        processes.start(new ProcessBuilder("sh", "-c", before + " echo ready; " + last));
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return process;
  }

  @Test
  void whatDoesNotEndWhenAskedIsKilled() throws IOException {
    ChildProcesses processes = new ChildProcesses(Duration.ofMillis(100));
    Process heedless = busy(processes, "trap '' TERM;", "exec sleep 60");
    Process other = busy(processes, "", "exec sleep 60");
    processes.close();
    assertThat(heedless.isAlive()).isFalse();
    assertThat(other.isAlive()).isFalse();
  }

  @Test
  void whatEndsWhenAskedMayDoItsLastWork() throws IOException {
    ChildProcesses processes = new ChildProcesses(Duration.ofMinutes(1));
    Path file = home.resolve("file");
    Process process = busy(processes, "trap 'echo done > " + file + "; exit 0' TERM;", "read line");
    processes.end(process);
    assertThat(process.isAlive()).isFalse();
    assertThat(file).hasContent("done");
  }

  @Test
  void nothingStartsOnceItIsClosed() {
    ChildProcesses processes = new ChildProcesses();
    processes.close();
    Path file = home.resolve("file");
    assertThatThrownBy(() -> processes.start(new ProcessBuilder("touch", file.toString())))
        .isInstanceOf(IOException.class)
        .hasMessage("interrupted");
    assertThat(file).doesNotExist();
  }
}
