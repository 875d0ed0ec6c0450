package io.featurekv.metadata;

/** Where a task is. */
public enum TaskState {
  /** Its builder is at work. */
  BUILDING,
  /** Sealed; the nodes are loading it. */
  LOADING,
  /** Complete, and not to be activated by itself. */
  READY,
  /** Its version was activated. */
  ACTIVE,
  /** Ended without a usable version; can be retried. */
  FAILED,
  /** Ended by an operator. */
  CANCELLED;

  /** Whether nothing more happens to it by itself. */
  public boolean isFinal() {
    return this == READY || this == ACTIVE || this == FAILED || this == CANCELLED;
  }
}
