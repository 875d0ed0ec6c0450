package io.featurekv.bench.report;

import java.util.ArrayList;
import java.util.List;

/** What the parts of one piece of work took of this process, one after the other. One thread. */
public final class Stages {
  private static final double NANOS_PER_SECOND = 1e9;

  private final List<Stage> stages = new ArrayList<>();
  private long startNanos = System.nanoTime();
  private long startCpuNanos = ProcessClock.nanos();

  /**
   * One part.
   *
   * @param cpuSeconds of all threads; NaN where not known
   */
  public record Stage(String name, double seconds, double cpuSeconds) {}

  /** Ends the part that began with the last one's end, or when this was made. */
  public void end(String name) {
    long nanos = System.nanoTime();
    long cpuNanos = ProcessClock.nanos();
    stages.add(
        new Stage(
            name,
            (nanos - startNanos) / NANOS_PER_SECOND,
            (cpuNanos - startCpuNanos) / NANOS_PER_SECOND));
    startNanos = nanos;
    startCpuNanos = cpuNanos;
  }

  /** Those that have ended. */
  public List<Stage> all() {
    return List.copyOf(stages);
  }
}
