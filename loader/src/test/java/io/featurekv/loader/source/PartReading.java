package io.featurekv.loader.source;

import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of an input as the pipeline does: parts by themselves, and some of them again. */
final class PartReading {
  private PartReading() {}

  /** What one part gave. */
  private record Read(
      List<String> rows, long startedAt, long endedAt, long spanned, @Nullable Exception failure) {}

  /** All rows of an input that is divided into parts of about this size, numbered, as text. */
  static List<String> rows(Input input, long targetBytes) throws IOException {
    return rows(input, input.parts(0, targetBytes));
  }

  /** All rows of parts, numbered, as text. */
  static List<String> rows(Input input, List<Part> parts) throws IOException {
    List<String> all = new ArrayList<>();
    long numbered = 0;
    long endedAt = parts.getFirst().from();
    for (Part part : parts) {
      Read read = read(input, part, numbered);
      if (read.startedAt() != endedAt) {
        read = read(input, part.from(endedAt), numbered);
        if (read.startedAt() != endedAt) {
          throw new AssertionError(part + " began at " + read.startedAt() + ", not " + endedAt);
        }
      }
      if (read.failure() instanceof RuntimeException failure) {
        throw failure;
      }
      all.addAll(read.rows());
      numbered += read.spanned();
      endedAt = read.endedAt();
    }
    return all;
  }

  private static Read read(Input input, Part part, long numbered) throws IOException {
    List<String> rows = new ArrayList<>();
    try (RowSource source = input.open(part)) {
      FeatureKvException failure = null;
      try {
        while (source.next()) {
          rows.add(numbered + source.row().number() + " " + RowTexts.of(source.row()));
        }
      } catch (FeatureKvException e) {
        failure = e;
      }
      return new Read(rows, source.startedAt(), source.endedAt(), source.spanned(), failure);
    }
  }
}
