package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A Parquet file, divided by row groups. */
final class ParquetInput implements Input {
  private final Origin origin;
  private final ReadOptions options;

  ParquetInput(Origin origin, ReadOptions options) {
    this.origin = origin;
    this.options = options;
    if (!origin.isSeekable()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "Parquet cannot be read from "
              + origin.name()
              + ": it needs a file, or a server that answers range requests");
    }
  }

  @Override
  public String name() {
    return origin.name();
  }

  @Override
  public long lengthBytes() {
    return origin.lengthBytes();
  }

  @Override
  public String identity() {
    return origin.identity() + "|" + Format.PARQUET;
  }

  @Override
  public boolean isShared() {
    return origin.isShared();
  }

  @Override
  public List<Part> parts(int input, long targetBytes) throws IOException {
    try (ParquetFile file = ParquetFile.open(origin)) {
      List<Part> parts = new ArrayList<>();
      boolean divisible = file.isDivisible();
      int from = 0;
      long bytes = 0;
      for (int group = 0; group < file.groupCount(); group++) {
        if (divisible && bytes > 0 && bytes + file.lengthBytes(group) > targetBytes) {
          parts.add(new Part(input, from, group, bytes));
          from = group;
          bytes = 0;
        }
        bytes += file.lengthBytes(group);
      }
      parts.add(new Part(input, from, file.groupCount(), bytes));
      return parts;
    }
  }

  @Override
  public RowSource open(Part part) throws IOException {
    ParquetFile file = ParquetFile.open(origin);
    try {
      return new ParquetSource(file, part, options);
    } catch (RuntimeException e) {
      file.close();
      throw e instanceof FeatureKvException
          ? e
          : ParquetFile.unreadable(name() + " is not a Parquet file that can be read", e);
    }
  }
}
