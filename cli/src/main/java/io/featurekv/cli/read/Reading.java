package io.featurekv.cli.read;

import org.jspecify.annotations.Nullable;

/**
 * What was found out about one key.
 *
 * @param value empty unless FOUND
 * @param error empty unless FAILED
 * @param row the columns that were read, as a JSON object; null where the value is no row
 */
public record Reading(byte[] key, Status status, byte[] value, String error, @Nullable String row) {
  /** Of a value that is bytes. */
  public Reading(byte[] key, Status status, byte[] value, String error) {
    this(key, status, value, error, null);
  }

  /** The words that scripts see. */
  public enum Status {
    FOUND,
    ABSENT,
    FAILED
  }
}
