package io.featurekv.metadata.raft.maelstrom;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;

/**
 * The errors of Maelstrom's protocol that a voter has use for. All but TIMEOUT and CRASH are
 * definite: what was asked for has not happened and never will.
 */
enum MaelstromError {
  TIMEOUT(0),
  NOT_SUPPORTED(10),
  TEMPORARILY_UNAVAILABLE(11),
  MALFORMED_REQUEST(12),
  CRASH(13),
  ABORT(14),
  KEY_DOES_NOT_EXIST(20),
  PRECONDITION_FAILED(22);

  private final int code;

  MaelstromError(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** What a refusal that stands in the log means. */
  static MaelstromError ofRefusal(ErrorCode refusal) {
    return switch (refusal) {
      case NOT_FOUND -> KEY_DOES_NOT_EXIST;
      case CONFLICT -> PRECONDITION_FAILED;
      case TRY_AGAIN -> TEMPORARILY_UNAVAILABLE;
      default -> ABORT;
    };
  }

  /** What it means that no answer of the log came: definite only where that is certain. */
  static MaelstromError ofFailure(Throwable failure) {
    if (!(failure instanceof FeatureKvException known)) {
      return CRASH;
    }
    return switch (known.code()) {
      case TRY_AGAIN -> TEMPORARILY_UNAVAILABLE;
      case UNKNOWN_OUTCOME -> TIMEOUT;
      case INVALID_ARGUMENT, TOO_LARGE -> ABORT;
      default -> CRASH;
    };
  }
}
