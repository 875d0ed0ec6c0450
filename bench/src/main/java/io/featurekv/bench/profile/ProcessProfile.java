package io.featurekv.bench.profile;

import java.util.List;
import java.util.Map;

/**
 * Where the CPU time of one process went.
 *
 * @param process what it is to the load: {@code load}, or a node's name
 * @param cpuSeconds by part, those that have any
 * @param hottest methods, the one that took most first
 */
public record ProcessProfile(
    String process, Map<Part, Double> cpuSeconds, List<HotMethod> hottest) {
  public ProcessProfile {
    cpuSeconds = Map.copyOf(cpuSeconds);
    hottest = List.copyOf(hottest);
  }

  /**
   * What one method took by itself for one part.
   *
   * @param name {@code package.Class.method}
   */
  public record HotMethod(String name, Part part, double cpuSeconds) {}

  /** All parts together. */
  public double wholeSeconds() {
    return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
