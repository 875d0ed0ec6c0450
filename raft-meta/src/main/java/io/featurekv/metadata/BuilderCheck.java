package io.featurekv.metadata;

/**
 * Whether a builder sees the inputs of a task as they were planned.
 *
 * @param session session of the node in which it looked
 * @param slots how many units it works on at once
 * @param fault what it sees otherwise, naming the input; empty when all is as planned
 */
public record BuilderCheck(String nodeId, long session, int slots, String fault) {
  /** Most slots of one builder. */
  public static final int MAX_SLOTS = 256;

  /** Whether it may be given work, if the node is still in that session. */
  public boolean mayBuild() {
    return fault.isEmpty();
  }
}
