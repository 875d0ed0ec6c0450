package io.featurekv.loader.source;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One file to read.
 *
 * @param name what messages call it
 * @param path null: standard input
 * @param partitions columns that stand in the names of its directories, in order; null values too
 * @param lengthBytes -1 for standard input
 * @param modifiedMillis when it last changed, since the epoch
 */
public record InputFile(
    String name,
    @Nullable Path path,
    Format format,
    Map<String, @Nullable String> partitions,
    long lengthBytes,
    long modifiedMillis) {
  /** How standard input is written among the inputs. */
  public static final String STDIN = "-";
}
