package io.featurekv.cli.option;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Sizes in bytes as people write them: {@code 65536}, {@code 64k}, {@code 1MiB}, {@code 1.5GB};
 * every unit is a power of 1024.
 */
public final class Sizes implements ITypeConverter<Long> {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,15})(\\.\\d{1,3})?\\s*(?:([kmgt])i?)?b?");

  @Override
  public Long convert(String text) {
    return parse(text);
  }

  /**
   * Reads a size in bytes.
   *
   * @throws TypeConversionException for anything else, or beyond 2^63 - 1
   */
  public static long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is not a size: write bytes or a number with k, M, G or T, like 65536, 64k, 1MiB or 2G");
    }
    String letter = matcher.group(3);
    long unit = letter == null ? 1 : 1L << (10 * ("kmgt".indexOf(letter) + 1));
    String fraction = matcher.group(2);
    double part = fraction == null ? 0 : Double.parseDouble("0" + fraction);
    try {
      return Math.addExact(
          Math.multiplyExact(Long.parseLong(matcher.group(1)), unit), Math.round(part * unit));
    } catch (ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is more bytes than can be counted");
    }
  }
}
