package io.featurekv.cli.option;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Durations as people write them: {@code 500ms}, {@code 30s}, {@code 10m}, {@code 12h}, {@code 7d}.
 */
public final class Durations implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})(\\.\\d{1,3})?\\s*(ms|s|m|h|d)");

  @Override
  public Duration convert(String text) {
    return parse(text);
  }

  /**
   * Reads a duration.
   *
   * @throws TypeConversionException for anything without a unit or with another one
   */
  public static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is not a duration: write a number and ms, s, m, h or d, like 500ms, 30s, 10m or 7d");
    }
    long unitMillis =
        switch (matcher.group(3)) {
          case "ms" -> 1;
          case "s" -> 1000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          default -> 86_400_000;
        };
    String fraction = matcher.group(2);
    double part = fraction == null ? 0 : Double.parseDouble("0" + fraction);
    return Duration.ofMillis(
        Math.multiplyExact(Long.parseLong(matcher.group(1)), unitMillis)
            + Math.round(part * unitMillis));
  }
}
