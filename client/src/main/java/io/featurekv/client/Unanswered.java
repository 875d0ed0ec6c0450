package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ValueStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a reply that are FAILED or DEFERRED in it, by their index in the batch.
 *
 * @param failure of one of the failed keys: one that tells of another version decides, since then
 *     nothing of the reply is of use; null when none failed
 */
record Unanswered(int[] failed, int[] deferred, @Nullable FeatureKvException failure) {

  static Unanswered of(Attempt attempt, BatchValues values) {
    int[] failed = new int[values.count()];
    int[] deferred = new int[values.count()];
    int failedCount = 0;
    int deferredCount = 0;
    FeatureKvException failure = null;
    for (int place = 0; place < values.count(); place++) {
      ValueStatus status = values.status(place);
      if (status == ValueStatus.DEFERRED) {
        deferred[deferredCount++] = attempt.key(place);
      } else if (status == ValueStatus.FAILED) {
        failed[failedCount++] = attempt.key(place);
        if (failure == null || failure.code() != ErrorCode.VERSION_NOT_SERVED) {
          failure = new FeatureKvException(values.errorCode(place), values.errorMessage(place));
        }
      }
    }
    return new Unanswered(
        Arrays.copyOf(failed, failedCount), Arrays.copyOf(deferred, deferredCount), failure);
  }
}
