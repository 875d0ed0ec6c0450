package io.featurekv.cli.option;

import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Addresses of the form {@code host:port}. */
public final class Endpoints implements ITypeConverter<Endpoint> {
  @Override
  public Endpoint convert(String text) {
    try {
      return Endpoint.parse(text.strip());
    } catch (FeatureKvException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
