package io.featurekv.metadata;

/**
 * One stage of a task, under way or over.
 *
 * @param name "check", "read", "build", "ship", "load" or "gates", "canary"
 * @param beganAtMillis by the clock of whoever reported
 * @param updatedAtMillis when it was told of last, or ended with its task
 */
public record TaskStage(
    String name, long beganAtMillis, long updatedAtMillis, StageFigures figures) {
  /** Most stages that a task tells of; the oldest go. */
  static final int MAX_STAGES = 12;

  TaskStage at(StageFigures newFigures, long nowMillis) {
    return new TaskStage(name, beganAtMillis, nowMillis, newFigures);
  }
}
