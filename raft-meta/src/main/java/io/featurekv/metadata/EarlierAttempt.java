package io.featurekv.metadata;

import java.util.ArrayList;
import java.util.List;

/**
 * An attempt of a task after which another one was begun.
 *
 * @param reason why it came to nothing
 * @param endedAtMillis when it ended, or its last sign of life
 */
public record EarlierAttempt(int attempt, String reason, long endedAtMillis) {
  /** So many a task tells of, the last ones. */
  static final int MAX_SHOWN = 3;

  private static final int MAX_REASON_CHARS = 500;

  /** Those of a task that is begun again. */
  static List<EarlierAttempt> with(TaskRecord ended) {
    String reason =
        ended.state().isFinal() ? ended.reason() : "it was begun again before it had ended";
    List<EarlierAttempt> all = new ArrayList<>(ended.earlier());
    all.add(
        new EarlierAttempt(
            ended.attempt(), Step.cut(reason, MAX_REASON_CHARS), ended.updatedAtMillis()));
    return all.subList(Math.max(0, all.size() - MAX_SHOWN), all.size());
  }
}
