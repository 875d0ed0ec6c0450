package io.featurekv.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecordingsTest {
  @TempDir Path directory;

  /** A process that does one thing until it has taken a second of CPU time. */
  static final class Digesting {
    private Digesting() {}

    public static void main(String[] arguments) throws Exception {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] bytes = new byte[1 << 20];
      Thread worker = Thread.currentThread();
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      while (threads.getThreadCpuTime(worker.threadId()) < 1_000_000_000L) {
        digest.update(bytes);
      }
      System.out.println(digest.digest().length);
    }
  }

  @Test
  void tellsWhereTheTimeOfAnEndedProcessWent() throws Exception {
    FlightRecordings recordings =
        new FlightRecordings(Files.createDirectories(directory.resolve("recordings")));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(recordings.javaOptions("node-a").split(" ")));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Digesting.class.getName()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(directory.resolve("log"))).isZero();

    List<ProcessProfile> profiles = recordings.read();
    assertThat(profiles).extracting(ProcessProfile::process).containsExactly("node-a");
    ProcessProfile profile = profiles.getFirst();
    assertThat(profile.cpuSeconds().getOrDefault(Part.DIGEST, 0.0))
        .isGreaterThan(profile.wholeSeconds() / 4);
    assertThat(profile.hottest().getFirst().part()).isEqualTo(Part.DIGEST);

    Path kept = directory.resolve("kept");
    recordings.copyTo(kept, "1M-idx");
    assertThat(kept.resolve("1M-idx-node-a.jfr")).isNotEmptyFile();
  }

  @Test
  void recordsNothingUnlessAsked() throws IOException {
    assertThat(FlightRecordings.none().javaOptions("load")).isEmpty();
    assertThat(FlightRecordings.none().read()).isEmpty();
    FlightRecordings.none().copyTo(directory.resolve("kept"), "x");
    assertThat(directory.resolve("kept")).isEmptyDirectory();
  }

  @Test
  void pathsOfOptionsHaveNeitherBlanksNorCommas() {
    assertThat(FlightRecordings.takes(Path.of("/data/bench"))).isTrue();
    assertThat(FlightRecordings.takes(Path.of("/my data/bench"))).isFalse();
    assertThat(FlightRecordings.takes(Path.of("/a,b"))).isFalse();
  }
}
