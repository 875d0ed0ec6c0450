package io.featurekv.cli.table;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code mem}, {@code idx} or {@code blk}. */
public final class KindWord implements ITypeConverter<TableKind> {
  @Override
  public TableKind convert(String word) {
    try {
      return TableKind.ofWord(word.toLowerCase(Locale.ROOT));
    } catch (FeatureKvException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
