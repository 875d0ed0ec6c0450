package io.featurekv.metadata;

/**
 * One stage of a task, under way or over.
 *
 * @param name "check", "read", "sort", "build", "ship", "load", "canary"
 * @param beganAtMillis by the clock of whoever reported
 * @param updatedAtMillis when it was told of last
 * @param done in the stage's own measure: rows, bytes or entries
 * @param total likewise; -1 when not known
 */
public record TaskStage(
    String name, long beganAtMillis, long updatedAtMillis, long done, long total) {
  /** Most stages that a task tells of; the oldest go. */
  static final int MAX_STAGES = 12;

  TaskStage at(long newDone, long newTotal, long nowMillis) {
    return new TaskStage(name, beganAtMillis, nowMillis, newDone, newTotal);
  }
}
