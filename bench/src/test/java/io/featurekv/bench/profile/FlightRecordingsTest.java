package io.featurekv.bench.profile;

import static org.assertj.core.api.Assertions.as;
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
import org.assertj.core.api.InstanceOfAssertFactories;
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
        FlightRecordings.in(Files.createDirectories(directory.resolve("recordings")));
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

    Profiles profiles = recordings.read();
    assertThat(profiles.missing()).isEmpty();
    assertThat(profiles.processes()).extracting(ProcessProfile::process).containsExactly("node-a");
    ProcessProfile profile = profiles.processes().getFirst();
    assertThat(profile.cpuSeconds().getOrDefault(Part.DIGEST, 0.0))
        .isGreaterThan(profile.wholeSeconds() / 4);
    assertThat(profile.hottest().getFirst().part()).isEqualTo(Part.DIGEST);

    Path kept = directory.resolve("kept");
    assertThat(recordings.copyTo(kept, "1M-idx")).isEmpty();
    Path copy = kept.resolve("1M-idx-node-a.jfr");
    assertThat(copy).isNotEmptyFile();
    tellsOfCutRecordings(Files.readAllBytes(copy));
  }

  private void tellsOfCutRecordings(byte[] whole) throws IOException {
    Path cut = Files.createDirectories(directory.resolve("cut"));
    FlightRecordings recordings = FlightRecordings.in(cut);
    assertThat(recordings.javaOptions("node-a")).isNotEmpty();
    assertThat(recordings.javaOptions("node-b")).isNotEmpty();
    Files.write(cut.resolve("node-b.jfr"), whole);
    for (int length : new int[] {0, 10, 100, whole.length / 2, whole.length - 1}) {
      Files.write(cut.resolve("node-a.jfr"), Arrays.copyOf(whole, length));
      Profiles profiles = recordings.read();
      assertThat(profiles.processes())
          .as("%d bytes of %d", length, whole.length)
          .extracting(ProcessProfile::process)
          .containsExactly("node-b");
      assertThat(profiles.missing())
          .singleElement(as(InstanceOfAssertFactories.STRING))
          .startsWith("the recording of node-a cannot be read: ");
    }
  }

  @Test
  void tellsOfProcessesThatWroteNothing() {
    FlightRecordings recordings = FlightRecordings.in(directory);
    assertThat(recordings.javaOptions("node-a")).isNotEmpty();
    assertThat(recordings.read())
        .isEqualTo(
            new Profiles(
                List.of(), List.of("no recording of node-a: it wrote none before it ended")));
    assertThat(recordings.copyTo(directory.resolve("kept"), "x")).isEmpty();
  }

  @Test
  void tellsOfRecordingsThatAreNotKept() throws IOException {
    FlightRecordings recordings = FlightRecordings.in(directory);
    assertThat(recordings.javaOptions("node-a")).isNotEmpty();
    Path file = Files.writeString(directory.resolve("node-a.jfr"), "x");
    assertThat(recordings.copyTo(file.resolve("kept"), "x"))
        .singleElement(as(InstanceOfAssertFactories.STRING))
        .startsWith("the recording of node-a is not kept: ");
  }

  @Test
  void recordsNothingUnlessAsked() {
    FlightRecordings none = FlightRecordings.none();
    assertThat(none.javaOptions("load")).isEmpty();
    assertThat(none.read()).isEqualTo(Profiles.NONE);
    assertThat(none.copyTo(directory.resolve("kept"), "x")).isEmpty();
    assertThat(directory.resolve("kept")).doesNotExist();
  }

  @Test
  void pathsOfOptionsHaveNeitherBlanksNorCommas() {
    assertThat(FlightRecordings.takes(Path.of("/data/bench"))).isTrue();
    assertThat(FlightRecordings.takes(Path.of("/my data/bench"))).isFalse();
    assertThat(FlightRecordings.takes(Path.of("/a,b"))).isFalse();
  }
}
