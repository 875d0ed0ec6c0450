package io.featurekv.bench.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Recordings of the processes of one load, each written when its process ends. One thread. */
public final class FlightRecordings {
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

  private final @Nullable Path directory;
  private final SortedSet<String> processes = new TreeSet<>();

  private FlightRecordings(@Nullable Path directory) {
    this.directory = directory;
  }

  /**
   * Records what is told to by {@link #javaOptions}.
   *
   * @param directory of the files, and of what the recorder keeps until a process ends; it is
   *     there, and its path has neither blanks nor commas
   */
  public static FlightRecordings in(Path directory) {
    return new FlightRecordings(directory);
  }

  /** Records nothing. */
  public static FlightRecordings none() {
    return new FlightRecordings(null);
  }

  /** Whether a path can stand among Java's options. */
  public static boolean takes(Path path) {
    return !path.toAbsolutePath().toString().matches(".*[\\s,].*");
  }

  /** Whether processes take time to write recordings when they end. */
  public boolean isOn() {
    return directory != null;
  }

  /**
   * What Java has to be told so that a process is recorded, which is begun; empty where none is.
   */
  public String javaOptions(String process) {
    processes.add(process);
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

  /** Reads those of all processes that were begun, which have ended. */
  public Profiles read() {
    List<ProcessProfile> profiles = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    each(
        (process, file) -> {
          if (!Files.exists(file)) {
            missing.add("no recording of " + process + ": it wrote none before it ended");
            return;
          }
          try {
            profiles.add(RecordingReader.read(file, process));
          } catch (IOException e) {
            missing.add("the recording of " + process + " cannot be read: " + e.getMessage());
          }
        });
    return new Profiles(profiles, missing);
  }

  /**
   * Copies those that are there to a directory, under names that begin with a prefix. Returns a
   * sentence for each of them that could not be copied.
   */
  public List<String> copyTo(Path kept, String prefix) {
    List<String> missing = new ArrayList<>();
    each(
        (process, file) -> {
          if (!Files.exists(file)) {
            return;
          }
          Path copy = kept.resolve(prefix + "-" + file.getFileName());
          try {
            Files.createDirectories(kept);
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
          } catch (IOException e) {
            missing.add("the recording of " + process + " is not kept: " + e);
          }
        });
    return missing;
  }

  private void each(BiConsumer<String, Path> action) {
    if (directory != null) {
      for (String process : processes) {
        action.accept(process, directory.resolve(process + SUFFIX));
      }
    }
  }
}
