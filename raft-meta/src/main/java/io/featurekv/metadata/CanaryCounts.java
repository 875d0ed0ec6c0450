package io.featurekv.metadata;

/**
 * Reads during a trial, in keys, each counted once by the node that was asked for it.
 *
 * @param reads keys that were read at the version on trial
 * @param errors those of them that failed by no fault of the reader
 * @param activeReads keys that were read at the active version in the same time
 * @param activeErrors those of them that failed likewise
 */
public record CanaryCounts(long reads, long errors, long activeReads, long activeErrors) {
  /** Nothing was read. */
  public static final CanaryCounts NONE = new CanaryCounts(0, 0, 0, 0);

  /** Both together. */
  public CanaryCounts plus(CanaryCounts other) {
    return new CanaryCounts(
        reads + other.reads,
        errors + other.errors,
        activeReads + other.activeReads,
        activeErrors + other.activeErrors);
  }

  /** Of each the larger: counts only ever grow, but who counts may forget. */
  public CanaryCounts atLeast(CanaryCounts other) {
    return new CanaryCounts(
        Math.max(reads, other.reads),
        Math.max(errors, other.errors),
        Math.max(activeReads, other.activeReads),
        Math.max(activeErrors, other.activeErrors));
  }

  /** Whether they could have been counted. */
  boolean isSound() {
    return errors >= 0 && errors <= reads && activeErrors >= 0 && activeErrors <= activeReads;
  }

  /** The reads of the version on trial, for a person. */
  public String text() {
    return reads == 0
        ? "no reads"
        : GateRules.count(reads) + " reads, " + GateRules.count(errors) + " errors";
  }
}
