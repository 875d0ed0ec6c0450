package io.featurekv.cli.server;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 5%} as the fraction 0.05. */
final class Percentage implements ITypeConverter<Double> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3})?)%");

  @Override
  public Double convert(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    double percent = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
    if (percent < 0 || percent >= 100) {
      throw new TypeConversionException(
          "'" + text + "' is not a percentage from 0% up to 100%, like 5%");
    }
    return percent / 100;
  }
}
