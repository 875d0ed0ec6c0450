package io.featurekv.cli.option;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code utf8}, {@code hex} or {@code base64}. */
public final class TextEncodingWord implements ITypeConverter<String> {
  @Override
  public String convert(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (!List.of("utf8", "hex", "base64").contains(lower)) {
      throw new TypeConversionException("'" + word + "' is none of utf8, hex, base64");
    }
    return lower;
  }
}
