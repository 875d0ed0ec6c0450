package io.featurekv.cli.read;

/**
 * What was found out about one key.
 *
 * @param value empty unless FOUND
 * @param error empty unless FAILED
 */
public record Reading(byte[] key, Status status, byte[] value, String error) {
  /** The words that scripts see. */
  public enum Status {
    FOUND,
    ABSENT,
    FAILED
  }
}
