package io.featurekv.cli.load;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How many rejected rows a load lets pass: {@code 0}, {@code 100} or {@code 0.5%} of all rows. */
record RejectLimit(double value, boolean isPercent) {
  static final RejectLimit NONE = new RejectLimit(0, false);
  private static final Pattern FORM = Pattern.compile("(\\d{1,15})(\\.\\d{1,6})?(%)?");

  /** Reads the words of {@code --max-rejected}. */
  static final class Word implements ITypeConverter<RejectLimit> {
    @Override
    public RejectLimit convert(String text) {
      Matcher matcher = FORM.matcher(text.strip());
      boolean isPercent = matcher.matches() && matcher.group(3) != null;
      boolean isValid = matcher.matches() && (isPercent || matcher.group(2) == null);
      double value = isValid ? Double.parseDouble(text.strip().replace("%", "")) : -1;
      if (value < 0 || (isPercent && value > 100)) {
        throw new TypeConversionException(
            "'" + text + "' is neither a number of rows nor a percentage, like 0, 100 or 0.5%");
      }
      return new RejectLimit(value, isPercent);
    }
  }
}
