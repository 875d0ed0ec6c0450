package io.featurekv.cli.bench;

/**
 * Draws ranks from Zipf's distribution, in constant time and without a table, by
 * rejection-inversion: W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from
 * monotone discrete distributions", 1996.
 */
final class ZipfSampler {
  private final long ranks;
  private final double exponent;
  private final double integralAtFirst;
  private final double integralAtLast;
  private final double acceptAtOnce;

  /** Ranks 1 to {@code ranks}, each with a probability as {@code rank ^ -exponent}; above 0. */
  ZipfSampler(long ranks, double exponent) {
    this.ranks = ranks;
    this.exponent = exponent;
    this.integralAtFirst = integral(1.5) - 1;
    this.integralAtLast = integral(ranks + 0.5);
    this.acceptAtOnce = 2 - inverseIntegral(integral(2.5) - density(2));
  }

  long rank(SplitMix64 random) {
    while (true) {
      double u = integralAtLast + random.nextDouble() * (integralAtFirst - integralAtLast);
      double x = inverseIntegral(u);
      long rank = Math.clamp(Math.round(x), 1, ranks);
      if (rank - x <= acceptAtOnce || u >= integral(rank + 0.5) - density((double) rank)) {
        return rank;
      }
    }
  }

  private double density(double x) {
    return Math.pow(x, -exponent);
  }

  private double integral(double x) {
    return exponent == 1 ? Math.log(x) : (Math.pow(x, 1 - exponent) - 1) / (1 - exponent);
  }

  private double inverseIntegral(double y) {
    return exponent == 1 ? Math.exp(y) : Math.pow(1 + y * (1 - exponent), 1 / (1 - exponent));
  }
}
