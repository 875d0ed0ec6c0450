package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.storage.LookupResult;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the keys that are read at one version, and those of them that fail by no fault of the
 * reader. Only versions that take part in a trial have one. Any thread; allocates nothing.
 */
public final class VersionTally {
  private final LongAdder reads = new LongAdder();
  private final LongAdder errors = new LongAdder();

  /** A batch was answered. */
  void answered(KeyAnswers answers) {
    int read = 0;
    int failed = 0;
    for (int key = 0; key < answers.count(); key++) {
      switch (answers.state(key)) {
        case LookupResult.FOUND, LookupResult.ABSENT -> read++;
        // It is asked for again.
        case LookupResult.DEFERRED -> {}
        default -> {
          read++;
          failed += isServersFault(answers.errorCode(key)) ? 1 : 0;
        }
      }
    }
    reads.add(read);
    errors.add(failed);
  }

  /** A batch got no answer. */
  void failed(int keys, ErrorCode why) {
    if (isServersFault(why)) {
      reads.add(keys);
      errors.add(keys);
    }
  }

  /**
   * Whether a reader who did nothing wrong is worse off for it, and waiting a little is no cure.
   */
  static boolean isServersFault(ErrorCode code) {
    return switch (code) {
      case INTERNAL, PROTOCOL, UNAVAILABLE, DEADLINE, UNKNOWN_OUTCOME, CORRUPT, NO_SPACE -> true;
      case INVALID_ARGUMENT,
          NOT_FOUND,
          CONFLICT,
          TRY_AGAIN,
          VERSION_NOT_SERVED,
          SNAPSHOT_GONE,
          TOO_LARGE,
          WRONG_CLUSTER,
          EXPIRED ->
          false;
    };
  }

  /** Keys that were read, whatever became of them. */
  public long reads() {
    return reads.sum();
  }

  /** Those that failed; never more than were read before. */
  public long errors() {
    return errors.sum();
  }
}
