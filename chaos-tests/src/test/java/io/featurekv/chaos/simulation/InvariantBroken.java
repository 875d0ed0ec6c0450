package io.featurekv.chaos.simulation;

/** What must never be has happened in a simulated world. */
final class InvariantBroken extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@code invariant} is its number, as I6. */
  InvariantBroken(String invariant, String what) {
    super(invariant + ": " + what);
  }
}
