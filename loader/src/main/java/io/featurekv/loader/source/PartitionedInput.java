package io.featurekv.loader.source;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An input whose rows end in the columns that stand in the names of its file's directories.
 *
 * @param partitions their values, in order; null where there is none
 */
record PartitionedInput(Input input, Map<String, @Nullable String> partitions, ReadOptions options)
    implements Input {
  @Override
  public String name() {
    return input.name();
  }

  @Override
  public long lengthBytes() {
    return input.lengthBytes();
  }

  /** The names that an input gave to its columns depend on how it was written. */
  @Override
  public String identity() {
    return input.identity() + "|" + partitions;
  }

  @Override
  public boolean isShared() {
    return input.isShared();
  }

  @Override
  public List<Part> parts(int index, long targetBytes) throws IOException {
    return input.parts(index, targetBytes);
  }

  @Override
  public RowSource open(Part part) throws IOException {
    RowSource source = input.open(part);
    try {
      return new PartitionedSource(source, partitions, options.types());
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }
}
