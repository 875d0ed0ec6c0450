package io.featurekv.bench.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Recordings of the processes of one load, each written when its process ends.
 *
 * @param directory of the files, and of what the recorder keeps until then; null where nothing is
 *     recorded. Its path has neither blanks nor commas.
 */
public record FlightRecordings(@Nullable Path directory) {
  /** Of all recordings together, much more than a load takes. */
  private static final String MOST = "1g";

  static final String SAMPLE = "jdk.CPUTimeSample";
  static final String SAMPLES_LOST = "jdk.CPUTimeSamplesLost";
  static final String COLLECTION = "jdk.GCCPUTime";
  static final String THREAD_LOAD = "jdk.ThreadCPULoad";
  static final String PROCESSORS = "jdk.CPUInformation";
  static final int THREAD_LOAD_SECONDS = 1;

  /** Of a thread's CPU time, between two samples: fine enough, and cheap. */
  static final int SAMPLE_MILLIS = 10;

  private static final List<String> SETTINGS =
      List.of(
          SAMPLE + "#enabled=true",
          SAMPLE + "#stackTrace=true",
          SAMPLE + "#throttle=" + SAMPLE_MILLIS + "ms",
          SAMPLES_LOST + "#enabled=true",
          COLLECTION + "#enabled=true",
          THREAD_LOAD + "#enabled=true",
          THREAD_LOAD + "#period=" + THREAD_LOAD_SECONDS + "s",
          PROCESSORS + "#enabled=true",
          PROCESSORS + "#period=beginChunk");

  private static final String SUFFIX = ".jfr";

  /** Records nothing. */
  public static FlightRecordings none() {
    return new FlightRecordings(null);
  }

  /** Whether a path can stand among Java's options. */
  public static boolean takes(Path path) {
    return !path.toAbsolutePath().toString().matches(".*[\\s,].*");
  }

  /** What Java has to be told so that a process is recorded; empty where none is. */
  public String javaOptions(String process) {
    Path directory = directory();
    return directory == null
        ? ""
        : "-XX:FlightRecorderOptions:repository="
            + directory
            + " -Xlog:jfr+startup=off -XX:StartFlightRecording:dumponexit=true,maxsize="
            + MOST
            + ",filename="
            + directory.resolve(process + SUFFIX)
            + ",settings=none,+"
            + String.join(",+", SETTINGS);
  }

  /** Reads those that are there, in the order of their processes' names. */
  public List<ProcessProfile> read() throws IOException {
    List<ProcessProfile> profiles = new ArrayList<>();
    for (Path file : files()) {
      String name = file.getFileName().toString();
      profiles.add(RecordingReader.read(file, name.substring(0, name.length() - SUFFIX.length())));
    }
    return profiles;
  }

  /** Copies those that are there to a directory, under names that begin with a prefix. */
  public void copyTo(Path kept, String prefix) throws IOException {
    Files.createDirectories(kept);
    for (Path file : files()) {
      Files.copy(
          file,
          kept.resolve(prefix + "-" + file.getFileName()),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private List<Path> files() throws IOException {
    Path directory = directory();
    if (directory == null || !Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }
}
