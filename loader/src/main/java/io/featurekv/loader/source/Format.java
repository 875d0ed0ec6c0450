package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Formats of input files. */
public enum Format {
  CSV,
  TSV,
  JSON_LINES,
  PARQUET;

  /**
   * The format of a word of the command line: csv, tsv, jsonl or parquet.
   *
   * @return null for auto
   */
  public static @Nullable Format ofWord(String word) {
    return switch (word) {
      case "auto" -> null;
      case "csv" -> CSV;
      case "tsv" -> TSV;
      case "jsonl" -> JSON_LINES;
      case "parquet" -> PARQUET;
      default ->
          throw new FeatureKvException(
              ErrorCode.INVALID_ARGUMENT,
              "format '" + word + "' is none of auto, csv, tsv, jsonl, parquet");
    };
  }

  /**
   * The format that a file's name ends in; an ending of compressed text behind it says nothing.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when it ends in no known one
   */
  public static Format ofName(String name) {
    String lower = Compression.withoutEnding(name).toLowerCase(Locale.ROOT);
    return switch (lower.substring(lower.lastIndexOf('.') + 1)) {
      case "csv" -> CSV;
      case "tsv", "tab" -> TSV;
      case "jsonl", "ndjson", "json" -> JSON_LINES;
      case "parquet" -> PARQUET;
      default ->
          throw new FeatureKvException(
              ErrorCode.INVALID_ARGUMENT,
              "the format of "
                  + name
                  + " cannot be told from its name (.csv .tsv .tab .jsonl .ndjson .json .parquet);"
                  + " say it with --format csv|tsv|jsonl|parquet");
    };
  }
}
