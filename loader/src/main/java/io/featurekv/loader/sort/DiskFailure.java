package io.featurekv.loader.sort;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Tells a full disk from other failures of files. */
public final class DiskFailure {
  private DiskFailure() {}

  /**
   * The failure to throw.
   *
   * @param what what was being done, with the path
   */
  public static FeatureKvException of(String what, IOException cause) {
    String message = String.valueOf(cause.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    boolean full = lower.contains("no space left") || lower.contains("quota exceeded");
    return new FeatureKvException(
        full ? ErrorCode.NO_SPACE : ErrorCode.INTERNAL, what + ": " + message, cause);
  }

  /** The failure of a file that ends too early. */
  static FeatureKvException cut(Path path, long expectedBytes, long foundBytes) {
    return new FeatureKvException(
        ErrorCode.CORRUPT,
        "sorted run "
            + path
            + ": expected "
            + expectedBytes
            + " bytes at least, found "
            + foundBytes);
  }
}
