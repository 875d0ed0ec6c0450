package io.featurekv.metadata;

/** Which sects must be complete before a version becomes the active one. */
public sealed interface ActivateWhen {
  /** At least one sect complete, and every sect that has no node down. */
  record Live() implements ActivateWhen {}

  /** Every sect complete. */
  record All() implements ActivateWhen {}

  /** That many sects complete; more than there are means all. */
  record Sects(int count) implements ActivateWhen {}
}
