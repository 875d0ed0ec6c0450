package io.featurekv.model;

import org.jspecify.annotations.Nullable;

/** An operating error with a message for a person: what, where, expected and actual. */
public final class FeatureKvException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /** An error without a cause of its own. */
  public FeatureKvException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /** An error that another one caused. */
  public FeatureKvException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The kind of error. */
  public ErrorCode code() {
    return code;
  }
}
