package io.featurekv.cli.load;

import io.featurekv.metadata.Gate;
import io.featurekv.model.FeatureKvException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a gate. */
final class GateWord implements ITypeConverter<Gate> {
  @Override
  public Gate convert(String word) {
    try {
      return Gate.ofWord(word.strip().toLowerCase(Locale.ROOT));
    } catch (FeatureKvException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
