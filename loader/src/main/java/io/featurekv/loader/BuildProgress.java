package io.featurekv.loader;

/** Hears how a build goes, often and from the building thread; must be quick. */
public interface BuildProgress {
  /**
   * @param stage "read", "sort" or "build"
   * @param done rows or entries so far in this stage
   * @param total as far as known, else -1 (for "read": input bytes done and in all are reported by
   *     {@link #inputBytes})
   */
  void update(String stage, long done, long total);

  /** Input bytes consumed so far and in all (-1 when unknown). */
  default void inputBytes(long done, long total) {}

  /** What the present stage waits for, in words; until the next stage or note. */
  default void note(String text) {}

  /** Checked now and then; true makes the build stop with TRY_AGAIN. */
  default boolean isCancelled() {
    return false;
  }
}
