package io.featurekv.chaos.soak;

import java.util.ArrayList;
import java.util.List;

/** Violations of the invariants of docs/reliability.md, as they are found. Thread-safe. */
public final class Checks {
  /** More are only counted. */
  private static final int MAX_KEPT = 100;

  private final Journal journal;
  private final List<Violation> violations = new ArrayList<>();
  private long count;

  /**
   * One of them.
   *
   * @param invariant its number; 0 where a part of the harness itself broke
   */
  public record Violation(int invariant, String what) {
    @Override
    public String toString() {
      return (invariant == 0 ? "broken" : "I" + invariant) + ": " + what;
    }
  }

  /** Tells the journal too. */
  Checks(Journal journal) {
    this.journal = journal;
  }

  /** Something that must never be. */
  public synchronized void violated(int invariant, String what) {
    count++;
    if (violations.size() < MAX_KEPT) {
      Violation violation = new Violation(invariant, what);
      violations.add(violation);
      journal.note("VIOLATION " + violation);
    }
  }

  /** A part of the harness failed, so that what it should have looked at was not looked at. */
  void broken(String part, Throwable why) {
    StackTraceElement[] trace = why.getStackTrace();
    violated(0, part + ": " + why + (trace.length == 0 ? "" : " at " + trace[0]));
  }

  /** The first of them. */
  public synchronized List<Violation> violations() {
    return List.copyOf(violations);
  }

  /** All of them. */
  public synchronized long count() {
    return count;
  }
}
