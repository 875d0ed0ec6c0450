package io.featurekv.cli.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How often which entry is asked for.
 *
 * @param zipfExponent 0: every entry as often as the others; else that of Zipf's distribution
 */
record KeyDistribution(double zipfExponent) {
  private static final Pattern ZIPF = Pattern.compile("zipf:(\\d{1,2}(?:\\.\\d{1,6})?)");
  private static final double GOLDEN_SECTION = 0.6180339887498949;

  /** {@code uniform} or {@code zipf:0.99}. */
  static final class Converter implements ITypeConverter<KeyDistribution> {
    @Override
    public KeyDistribution convert(String text) {
      Matcher zipf = ZIPF.matcher(text);
      if (text.equals("uniform")) {
        return new KeyDistribution(0);
      }
      if (!zipf.matches() || Double.parseDouble(zipf.group(1)) == 0) {
        throw new TypeConversionException("'" + text + "' is neither uniform nor like zipf:0.99");
      }
      return new KeyDistribution(Double.parseDouble(zipf.group(1)));
    }
  }

  /** A way to draw from so many entries, for one thread. */
  Draws draws(long entries, long seed) {
    return new Draws(entries, seed, this);
  }

  @Override
  public String toString() {
    return zipfExponent == 0 ? "uniform" : "zipf:" + zipfExponent;
  }

  /**
   * Draws entries. The entry of rank r is {@code r * step % entries} with a step near the golden
   * section that has no divisor in common with the entries: every rank has an entry of its own, and
   * those asked for most are not those loaded first.
   */
  static final class Draws {
    private final long entries;
    private final long step;
    private final SplitMix64 random;
    private final @Nullable ZipfSampler zipf;

    private Draws(long entries, long seed, KeyDistribution distribution) {
      this.entries = entries;
      this.step = coprimeStep(entries);
      this.random = new SplitMix64(seed);
      this.zipf =
          distribution.zipfExponent() == 0
              ? null
              : new ZipfSampler(entries, distribution.zipfExponent());
    }

    long next() {
      return zipf == null ? random.nextBelow(entries) : entryOf(zipf.rank(random) - 1);
    }

    /** True as often as this share says. */
    boolean nextIsWithin(double share) {
      return share > 0 && random.nextDouble() < share;
    }

    /** The entry of a rank from 0. */
    long entryOf(long rank) {
      return rank * step % entries;
    }

    private static long coprimeStep(long entries) {
      // Rank times step stays below 2^63.
      long most = Math.min(entries, (Long.MAX_VALUE / 2) / entries);
      long step = Math.max(1, (long) (most * GOLDEN_SECTION));
      while (greatestCommonDivisor(step, entries) != 1) {
        step++;
      }
      return step;
    }

    private static long greatestCommonDivisor(long a, long b) {
      return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
  }
}
