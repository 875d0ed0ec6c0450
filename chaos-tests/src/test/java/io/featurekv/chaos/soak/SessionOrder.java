package io.featurekv.chaos.soak;

import io.featurekv.chaos.soak.MetadataWatch.Turn;
import java.util.List;
import java.util.Optional;

/**
 * Whether the versions that one client session saw one after another can be explained by the
 * versions that were active one after another (I3): a pure function. Never going back means that
 * the versions seen are met in order while walking along the turns.
 */
final class SessionOrder {
  private SessionOrder() {}

  /**
   * What cannot be explained; empty where all can.
   *
   * @param seen without repetitions next to each other
   */
  static Optional<String> unexplained(List<Long> seen, List<Turn> turns) {
    int at = 0;
    for (int i = 0; i < seen.size(); i++) {
      int found = find(seen.get(i), turns, at);
      if (found < 0) {
        return Optional.of(
            "version "
                + seen.get(i)
                + (i == 0 ? "" : " after version " + seen.get(i - 1))
                + ", though after "
                + (at < turns.size() ? "turn " + turns.get(at) : "the last turn")
                + " it was not active any more");
      }
      at = found;
    }
    return Optional.empty();
  }

  /** The first turn from {@code from} on that shows a version; one after a gap may hide it. */
  private static int find(long version, List<Turn> turns, int from) {
    for (int at = from; at < turns.size(); at++) {
      if (turns.get(at).version() == version) {
        return at;
      }
      if (turns.get(at).afterGap() && at > from) {
        // What was active before this turn is not known; the walk stays in front of it.
        return at - 1;
      }
    }
    return -1;
  }
}
