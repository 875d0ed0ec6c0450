package io.featurekv.bench.report;

import java.nio.file.Path;

/** How paths are told in results, which are for other machines, too. */
public final class LocalPaths {
  private LocalPaths() {}

  /** A text with the paths below the working directory as seen from there. */
  public static String seenFromHere(String text) {
    return seenFrom(Path.of("").toAbsolutePath(), text);
  }

  static String seenFrom(Path directory, String text) {
    return text.replace(directory + directory.getFileSystem().getSeparator(), "");
  }
}
