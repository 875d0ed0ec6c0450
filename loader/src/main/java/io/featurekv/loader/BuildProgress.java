package io.featurekv.loader;

/** Hears how a build goes, often and from the building thread; must be quick. */
public interface BuildProgress {
  /**
   * How far a stage is.
   *
   * @param stage "read" or "build", and of a whole load "ship", "load" and "canary"
   * @param done rows or entries so far in this stage
   * @param total as far as known, else -1
   */
  void update(String stage, long done, long total);

  /** Bytes of the stage last told of: read from inputs, or of files; in all -1 when unknown. */
  default void bytes(long done, long total) {}

  /** What the present stage waits for, in words; until the next stage or note. */
  default void note(String text) {}

  /** Checked now and then; true makes the build stop with TRY_AGAIN. */
  default boolean isCancelled() {
    return false;
  }
}
