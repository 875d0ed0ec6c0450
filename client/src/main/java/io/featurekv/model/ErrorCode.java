package io.featurekv.model;

/**
 * What went wrong, as it travels in an ERROR frame (u16 {@link #code()}) and decides the exit code
 * of the command line.
 */
public enum ErrorCode {
  /** A fault of ours. */
  INTERNAL(1, 1),
  /** The request breaks a rule that the caller can check. */
  INVALID_ARGUMENT(2, 2),
  /** The bytes do not follow the protocol. */
  PROTOCOL(3, 1),
  /** No such table, version, task or node. */
  NOT_FOUND(4, 4),
  /**
   * The request contradicts the present state: it exists already, is in the wrong state, is refused
   * by a rule.
   */
  CONFLICT(5, 1),
  /** Nobody who could answer can be reached. */
  UNAVAILABLE(6, 69),
  /** Not now, but the same request may succeed later, and repeating it is safe. */
  TRY_AGAIN(7, 75),
  /** The deadline passed; for a read nothing happened. */
  DEADLINE(8, 75),
  /** The request may or may not have taken effect; repeat it with the same operation id. */
  UNKNOWN_OUTCOME(9, 75),
  /**
   * This node does not hold the version (yet, or any more); another node or a newer version may.
   */
  VERSION_NOT_SERVED(10, 1),
  /** The snapshot that the caller holds refers to a version that is no longer kept. */
  SNAPSHOT_GONE(11, 1),
  /** A key, value, frame or batch beyond a limit. */
  TOO_LARGE(12, 2),
  /** The two sides belong to different clusters. */
  WRONG_CLUSTER(13, 78),
  /** Bytes do not match their checksum or digest. */
  CORRUPT(14, 1),
  /** No room on disk or in memory. */
  NO_SPACE(15, 1),
  /** The operation id is older than ids are remembered. */
  EXPIRED(16, 1);

  private final int code;
  private final int exitCode;

  ErrorCode(int code, int exitCode) {
    this.code = code;
    this.exitCode = exitCode;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The process exit code that stands for this error. */
  public int exitCode() {
    return exitCode;
  }

  /** The error of a number on the wire; an unknown number is {@link #INTERNAL}. */
  public static ErrorCode ofCode(int code) {
    for (ErrorCode error : values()) {
      if (error.code == code) {
        return error;
      }
    }
    return INTERNAL;
  }
}
