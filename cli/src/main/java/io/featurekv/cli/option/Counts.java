package io.featurekv.cli.option;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Counts as people write them: {@code 200000}, {@code 200k}, {@code 1.5M}, {@code 2G}. */
public final class Counts implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)([kmg]?)");

  @Override
  public Long convert(String text) {
    return parse(text);
  }

  /**
   * Reads a count.
   *
   * @throws TypeConversionException for anything else, fractions included
   */
  public static long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT).replace("_", ""));
    if (!matcher.matches()) {
      throw notCount(text);
    }
    int zeros = matcher.group(2).isEmpty() ? 0 : 3 * ("kmg".indexOf(matcher.group(2)) + 1);
    try {
      return new BigDecimal(matcher.group(1)).scaleByPowerOfTen(zeros).longValueExact();
    } catch (ArithmeticException e) {
      throw notCount(text);
    }
  }

  private static TypeConversionException notCount(String text) {
    return new TypeConversionException(
        "'" + text + "' is not a count: write a number, or one with k, M or G, like 200k or 1.5M");
  }
}
