package io.featurekv.cli.terminal;

/** The shapes in which results are written. */
public enum OutputFormat {
  /** Aligned columns for a person. */
  TABLE,
  /** One JSON value. */
  JSON,
  /** One JSON value a line for each row of the result. */
  JSONL
}
