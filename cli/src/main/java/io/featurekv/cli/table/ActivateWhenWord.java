package io.featurekv.cli.table;

import io.featurekv.metadata.ActivateWhen;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code live}, {@code all} or a number of sects. */
final class ActivateWhenWord implements ITypeConverter<ActivateWhen> {
  @Override
  public ActivateWhen convert(String word) {
    if (word.equalsIgnoreCase("live")) {
      return new ActivateWhen.Live();
    }
    if (word.equalsIgnoreCase("all")) {
      return new ActivateWhen.All();
    }
    if (word.matches("[1-9]\\d{0,3}")) {
      return new ActivateWhen.Sects(Integer.parseInt(word));
    }
    throw new TypeConversionException(
        "'" + word + "' is neither live, all nor a number of sects from 1");
  }
}
