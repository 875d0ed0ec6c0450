package io.featurekv.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one batch that have not ended, and of whom each key is asked. Confined to the
 * batch's network thread. Keys are given by their index in the batch; null stands for all of them.
 *
 * <p>Until the first hedge a key is asked of one node at most, and nothing is counted per key.
 */
final class AttemptsUnderWay {
  private final int keyCount;
  private final Answers answers;
  private final List<Attempt> attempts = new ArrayList<>(2);
  // Per key how many attempts are under way; null until the first hedge.
  private byte @Nullable [] asked;

  AttemptsUnderWay(int keyCount, Answers answers) {
    this.keyCount = keyCount;
    this.answers = answers;
  }

  void add(Attempt attempt) {
    attempts.add(attempt);
    countAsked(attempt, 1);
  }

  /** It has ended. Further calls do nothing. */
  void remove(Attempt attempt) {
    if (attempts.remove(attempt)) {
      countAsked(attempt, -1);
    }
  }

  /** Forgets all of them, and returns them. */
  List<Attempt> removeAll() {
    List<Attempt> all = List.copyOf(attempts);
    attempts.clear();
    asked = null;
    return all;
  }

  /** From now on a key may be asked of several. */
  void expectHedges() {
    if (asked == null) {
      asked = new byte[keyCount];
      for (Attempt attempt : attempts) {
        countAsked(attempt, 1);
      }
    }
  }

  private void countAsked(Attempt attempt, int change) {
    byte[] counts = asked;
    for (int place = 0; counts != null && place < attempt.count(); place++) {
      counts[attempt.key(place)] += (byte) change;
    }
  }

  /** Those of some keys that have no answer yet. */
  int[] openOf(int @Nullable [] some) {
    int[] open = some == null ? PartPlan.identity(keyCount) : some.clone();
    int count = 0;
    for (int key : open) {
      if (answers.isOpen(key)) {
        open[count++] = key;
      }
    }
    return Arrays.copyOf(open, count);
  }

  /** Leaves out what was answered, or is asked of somebody else at present. */
  int @Nullable [] unaskedOf(int @Nullable [] wanted) {
    byte[] counts = asked;
    if (counts == null) {
      return wanted;
    }
    return Arrays.stream(openOf(wanted)).filter(key -> counts[key] == 0).toArray();
  }

  /** Those all of whose keys were answered by others. */
  List<Attempt> losers() {
    return asked == null
        ? List.of()
        : attempts.stream().filter(attempt -> openOf(attempt.keys()).length == 0).toList();
  }
}
