package io.featurekv.chaos.linkv;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** How long messages between nodes are on their way. */
enum Latency {
  CONSTANT,
  UNIFORM,
  EXPONENTIAL;

  /** Milliseconds; all but the constant one let messages overtake each other. */
  double draw(double meanMillis, RandomGenerator random) {
    return switch (this) {
      case CONSTANT -> meanMillis;
      case UNIFORM -> 2 * meanMillis * random.nextDouble();
      case EXPONENTIAL -> -meanMillis * Math.log1p(-random.nextDouble());
    };
  }

  static Latency ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
