package io.featurekv.cli.bench;

import io.featurekv.loader.GeneratedEntries;
import io.featurekv.loader.InputSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The standard data set in a form that a load reads. Its keys come in random order by themselves.
 *
 * @param version what values are made with, see {@link GeneratedEntries}
 */
record InputPlan(Format format, long entries, int valueBytes, long version) {
  static final String KEY_COLUMN = "key";
  static final String VALUE_COLUMN = "value";

  /** As many files that builders have something to share, and none that is unwieldy. */
  private static final int MIN_FILES = 4;

  private static final long FILE_BYTES = 512L << 20;

  enum Format {
    /** No files: the loader computes the entries. */
    GENERATE,
    /** A line for each entry, the value in base64. */
    CSV,
    /** Two columns of bytes, uncompressed. */
    PARQUET
  }

  String word() {
    return format.name().toLowerCase(Locale.ROOT);
  }

  /** What keys and values take by themselves. */
  long entryBytes() {
    return entries * (StandardSet.KEY_BYTES + valueBytes);
  }

  /** Length of the files, near enough; 0 where there are none. */
  long fileBytes() {
    return switch (format) {
      case GENERATE -> 0;
      case CSV -> entries * csvLineBytes();
      case PARQUET -> entries * parquetRowBytes();
    };
  }

  int csvLineBytes() {
    return StandardSet.KEY_BYTES + 1 + (valueBytes + 2) / 3 * 4 + 1;
  }

  int parquetRowBytes() {
    return Integer.BYTES + StandardSet.KEY_BYTES + Integer.BYTES + valueBytes;
  }

  /** How many files there are. */
  int files() {
    long bySize = (fileBytes() + FILE_BYTES - 1) / FILE_BYTES;
    return (int) Math.min(entries, Math.max(MIN_FILES, bySize));
  }

  /** The first entry of a file; that of the file after the last is the number of entries. */
  long firstOf(int file) {
    long perFile = entries / files();
    return file * perFile + Math.min(file, entries % files());
  }

  /** What distinguishes these files from others. */
  String describe() {
    return "format="
        + word()
        + " entries="
        + entries
        + " valueBytes="
        + valueBytes
        + " version="
        + version
        + " files="
        + files();
  }

  /** What a load is told. */
  InputSpec spec(Path directory) {
    boolean isGenerated = format == Format.GENERATE;
    return new InputSpec(
        List.of(isGenerated ? address() : directory.toString()),
        isGenerated ? "auto" : word(),
        isGenerated ? List.of() : List.of(KEY_COLUMN),
        ":",
        "utf8",
        isGenerated ? "" : VALUE_COLUMN,
        format == Format.CSV ? "base64" : "utf8",
        Map.of(),
        "",
        "",
        false);
  }

  private String address() {
    return GeneratedEntries.SCHEME + entries + "?valueBytes=" + valueBytes + "&version=" + version;
  }
}
