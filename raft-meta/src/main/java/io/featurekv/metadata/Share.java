package io.featurekv.metadata;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A part of a whole in millionths, so that percentages with up to four decimals are exact; more
 * than a whole where something may grow.
 */
public record Share(long millionths) {
  /** All of it. */
  static final Share WHOLE = new Share(1_000_000);

  private static final int MILLIONTHS_PER_PERCENT = 10_000;
  private static final Pattern FORM = Pattern.compile("\\d{1,6}(\\.\\d{1,4})?%");

  /**
   * Reads a percentage like {@code 50%} or {@code 0.5%}.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT for anything else
   */
  public static Share parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw Step.invalid(
          "'"
              + Step.cut(text, 40)
              + "' is no percentage with up to four decimals, like 50% or 0.5%");
    }
    BigDecimal percent = new BigDecimal(text.substring(0, text.length() - 1));
    return new Share(percent.multiply(BigDecimal.valueOf(MILLIONTHS_PER_PERCENT)).longValueExact());
  }

  /** Whether {@code part} is more than this share of {@code whole}. */
  public boolean isExceededBy(long part, long whole) {
    return compare(part, whole) > 0;
  }

  /** Whether {@code part} is less than this share of {@code whole}. */
  boolean isMoreThan(long part, long whole) {
    return compare(part, whole) < 0;
  }

  private int compare(long part, long whole) {
    BigInteger left = BigInteger.valueOf(part).multiply(BigInteger.valueOf(WHOLE.millionths()));
    BigInteger right = BigInteger.valueOf(whole).multiply(BigInteger.valueOf(millionths));
    return left.compareTo(right);
  }

  /** The percentage as {@link #parse} reads it. */
  public String word() {
    return new BigDecimal(millionths)
            .divide(BigDecimal.valueOf(MILLIONTHS_PER_PERCENT))
            .stripTrailingZeros()
            .toPlainString()
        + "%";
  }

  /** What share of {@code whole} {@code part} is, for a person. */
  static String percent(long part, long whole) {
    double percent = 100.0 * part / whole;
    return String.format(Locale.ROOT, percent < 1 ? "%.4f %%" : "%.1f %%", percent);
  }
}
