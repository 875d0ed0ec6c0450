package io.featurekv.cli.table;

import io.featurekv.metadata.Share;
import io.featurekv.model.FeatureKvException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A limit as people write it: a percentage like {@code 50%} or {@code 0.5%}, or {@code off}. */
record ShareLimit(@Nullable Share share) {
  private static final String OFF = "off";

  /** Reads it. */
  static final class Word implements ITypeConverter<ShareLimit> {
    @Override
    public ShareLimit convert(String text) {
      String word = text.strip().toLowerCase(Locale.ROOT);
      try {
        return new ShareLimit(word.equals(OFF) ? null : Share.parse(word));
      } catch (FeatureKvException e) {
        throw new TypeConversionException(e.getMessage() + ", nor is it 'off'");
      }
    }
  }
}
