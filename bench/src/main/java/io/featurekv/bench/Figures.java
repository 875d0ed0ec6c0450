package io.featurekv.bench;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What to say of several turns. */
final class Figures {
  private Figures() {}

  static <T> double lowest(List<T> turns, ToDoubleFunction<T> figure) {
    return turns.stream().mapToDouble(figure).min().orElse(Double.NaN);
  }

  /** The middle one; the higher of two. */
  static <T> double median(List<T> turns, ToDoubleFunction<T> figure) {
    List<T> sorted = turns.stream().sorted(Comparator.comparingDouble(figure)).toList();
    return figure.applyAsDouble(sorted.get(sorted.size() / 2));
  }
}
