package io.featurekv.model;

import java.util.concurrent.CompletionException;
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

  /**
   * The error behind a failed future or a caught exception: itself, unwrapped, or INTERNAL telling
   * of whatever else it is.
   */
  public static FeatureKvException from(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof FeatureKvException error
        ? error
        : new FeatureKvException(ErrorCode.INTERNAL, String.valueOf(cause), cause);
  }

  /** The message; there always is one. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** The kind of error. */
  public ErrorCode code() {
    return code;
  }
}
