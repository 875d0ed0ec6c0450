package io.featurekv.loader;

import java.nio.file.Path;

/**
 * Where the runs of a build go.
 *
 * @param isKept whether they outlive this process, so that another attempt goes on from them
 */
record RunFiles(Path directory, boolean isKept) {
  Path path(int split, int number) {
    return directory.resolve(name(split, number));
  }

  static String name(int split, int number) {
    return "split-" + split + "-" + number + ".run";
  }

  Path rejections(int split) {
    return directory.resolve("split-" + split + ".rejects");
  }

  Path outcome(int split) {
    return directory.resolve("split-" + split + ".done");
  }
}
