package io.featurekv.bench.data;

import java.util.SplittableRandom;

/**
 * Draws ranks from Zipf's distribution by rejection-inversion: W. Hörmann and G. Derflinger,
 * "Rejection-inversion to generate variates from monotone discrete distributions", 1996.
 */
final class ZipfSampler {
  private final int ranks;
  private final double exponent;
  private final double integralAtFirst;
  private final double integralAtLast;
  private final double acceptAtOnce;

  /** Ranks 1 to {@code ranks}; the exponent is above 0 and not 1. */
  ZipfSampler(int ranks, double exponent) {
    this.ranks = ranks;
    this.exponent = exponent;
    this.integralAtFirst = integral(1.5) - 1;
    this.integralAtLast = integral(ranks + 0.5);
    this.acceptAtOnce = 2 - inverseIntegral(integral(2.5) - density(2));
  }

  int rank(SplittableRandom random) {
    while (true) {
      double u = integralAtLast + random.nextDouble() * (integralAtFirst - integralAtLast);
      double x = inverseIntegral(u);
      int rank = (int) Math.min(ranks, Math.max(1, Math.round(x)));
      if (rank - x <= acceptAtOnce || u >= integral(rank + 0.5) - density(rank)) {
        return rank;
      }
    }
  }

  private double density(double x) {
    return Math.pow(x, -exponent);
  }

  private double integral(double x) {
    return (Math.pow(x, 1 - exponent) - 1) / (1 - exponent);
  }

  private double inverseIntegral(double y) {
    return Math.pow(1 + y * (1 - exponent), 1 / (1 - exponent));
  }
}
