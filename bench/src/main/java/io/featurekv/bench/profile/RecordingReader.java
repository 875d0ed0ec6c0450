package io.featurekv.bench.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads a recording that {@link FlightRecordings} began. Java threads are sampled by CPU time, what
 * they do in native code and in the kernel included; collections and compiler threads are counted,
 * the latter about.
 */
final class RecordingReader {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final ProfileSums sums = new ProfileSums();
  private double compilerLoadSeconds;
  private int processors = 1;

  private RecordingReader() {}

  static ProcessProfile read(Path recording, String process) throws IOException {
    RecordingReader reader = new RecordingReader();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        reader.add(file.readEvent());
      }
    } catch (RuntimeException e) {
      // Where a file is cut decides which of them the JDK's reader throws.
      throw new IOException("it is cut or damaged: " + e, e);
    }
    reader.sums.add(Part.JIT, reader.compilerLoadSeconds * reader.processors);
    return reader.sums.of(process);
  }

  private void add(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case FlightRecordings.SAMPLE ->
          sums.sample(frames(event.getStackTrace()), seconds(event.getDuration("samplingPeriod")));
      case FlightRecordings.SAMPLES_LOST ->
          sums.add(
              Part.MISSED,
              event.getLong("lostSamples") * FlightRecordings.SAMPLE_MILLIS / MILLIS_PER_SECOND);
      case FlightRecordings.COLLECTION ->
          sums.add(
              Part.GC,
              seconds(event.getDuration("userTime").plus(event.getDuration("systemTime"))));
      case FlightRecordings.THREAD_LOAD -> threadLoad(event);
      case FlightRecordings.PROCESSORS -> processors = event.getInt("hwThreads");
      default -> {}
    }
  }

  /** A share of all processors since a period ago. */
  private void threadLoad(RecordedEvent event) {
    RecordedThread thread = event.getThread("eventThread");
    String name = thread == null ? null : thread.getJavaName();
    if (name != null && name.contains("CompilerThread")) {
      compilerLoadSeconds +=
          (event.getDouble("user") + event.getDouble("system"))
              * FlightRecordings.THREAD_LOAD_SECONDS;
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / NANOS_PER_SECOND;
  }

  private static List<String> frames(@Nullable RecordedStackTrace stack) {
    return stack == null
        ? List.of()
        : stack.getFrames().stream()
            .filter(RecordedFrame::isJavaFrame)
            .map(frame -> frame.getMethod().getType().getName() + "." + frame.getMethod().getName())
            .toList();
  }
}
