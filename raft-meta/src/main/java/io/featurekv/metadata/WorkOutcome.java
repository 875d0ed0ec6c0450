package io.featurekv.metadata;

/** How a lease ended without a result. */
public enum WorkOutcome {
  /** Its builder went away, or gave it back: nothing is said against the work. */
  LOST,
  /** With an error that another attempt may not meet. */
  FAILED,
  /**
   * With an error that may come of where a split was begun by assumption: another attempt has to
   * wait until it is known where the split before it ends.
   */
  DOUBTFUL,
  /** With an error that any attempt would meet: the inputs or the options are wrong. */
  HOPELESS
}
