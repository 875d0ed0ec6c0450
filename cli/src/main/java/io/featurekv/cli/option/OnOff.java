package io.featurekv.cli.option;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A choice between the words {@code on} and {@code off}. */
public enum OnOff {
  ON,
  OFF;

  /** Reads one of the words. */
  public static final class Word implements ITypeConverter<OnOff> {
    @Override
    public OnOff convert(String word) {
      return switch (word) {
        case "on" -> ON;
        case "off" -> OFF;
        default -> throw new TypeConversionException("expected on or off, not '" + word + "'");
      };
    }
  }
}
