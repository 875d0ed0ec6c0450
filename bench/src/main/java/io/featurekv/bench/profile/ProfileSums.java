package io.featurekv.bench.profile;

import io.featurekv.bench.profile.ProcessProfile.HotMethod;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds up what samples and the virtual machine's own counts say. One thread. */
final class ProfileSums {
  static final int HOTTEST = 15;

  private static final String UNKNOWN = "not known";

  private final StackParts stacks = new StackParts();
  private final Map<Part, Double> byPart = new EnumMap<>(Part.class);
  private final Map<Method, Double> byMethod = new HashMap<>();

  private record Method(String name, Part part) {}

  /**
   * Adds a sample.
   *
   * @param frames {@code package.Class.method}, the top first; none where the stack is not known
   * @param seconds that it stands for
   */
  void sample(List<String> frames, double seconds) {
    Part part = stacks.of(frames);
    add(part, seconds);
    byMethod.merge(
        new Method(frames.isEmpty() ? UNKNOWN : frames.getFirst(), part), seconds, Double::sum);
  }

  /** Adds what is counted and not sampled. */
  void add(Part part, double seconds) {
    byPart.merge(part, seconds, Double::sum);
  }

  ProcessProfile of(String process) {
    List<HotMethod> hottest =
        byMethod.entrySet().stream()
            .sorted(Map.Entry.<Method, Double>comparingByValue(Comparator.reverseOrder()))
            .limit(HOTTEST)
            .map(
                entry ->
                    new HotMethod(entry.getKey().name(), entry.getKey().part(), entry.getValue()))
            .toList();
    return new ProcessProfile(process, byPart, hottest);
  }
}
