package io.featurekv.cli.bench;

import io.featurekv.loader.GeneratedEntries;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys that are asked for together, and what came of it. Used again and again; whoever holds it
 * alone may change it: first who draws it, then who reads it.
 */
final class Batch {
  private final long[] entries;
  private final List<byte[]> keys;
  private long number;
  private long dueNanos;
  private boolean isMeasured;
  private int found;
  private int absent;
  private int failed;
  private boolean isMixed;
  private boolean isWrong;
  private String problem = "";

  Batch(int size) {
    this.entries = new long[size];
    List<byte[]> made = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      made.add(new byte[StandardSet.KEY_BYTES]);
    }
    this.keys = List.copyOf(made);
  }

  /**
   * Chooses the keys.
   *
   * @param absentShare how many of them are to be nowhere
   */
  void draw(KeyDistribution.Draws draws, double absentShare) {
    for (int i = 0; i < entries.length; i++) {
      long entry = draws.next();
      entries[i] = draws.nextIsWithin(absentShare) ? GeneratedEntries.FIRST_ABSENT + entry : entry;
      StandardSet.writeKey(entries[i], keys.get(i));
    }
  }

  /** Forgets what was found before. */
  void begin(long newNumber, long newDueNanos, boolean newIsMeasured) {
    number = newNumber;
    dueNanos = newDueNanos;
    isMeasured = newIsMeasured;
    found = 0;
    absent = 0;
    failed = 0;
    isMixed = false;
    isWrong = false;
    problem = "";
  }

  int size() {
    return entries.length;
  }

  long entry(int index) {
    return entries[index];
  }

  /** Whether a table that has all entries has this one. */
  boolean isPresent(int index) {
    return entries[index] < GeneratedEntries.FIRST_ABSENT;
  }

  /** Not to be changed, and valid until the batch is drawn anew. */
  List<byte[]> keys() {
    return keys;
  }

  long number() {
    return number;
  }

  long dueNanos() {
    return dueNanos;
  }

  /** Whether it counts; others come before, to warm up. */
  boolean isMeasured() {
    return isMeasured;
  }

  void addFound() {
    found++;
  }

  void addAbsent() {
    absent++;
  }

  void addFailed(String why) {
    failed++;
    problem = problem.isEmpty() ? why : problem;
  }

  /** The whole batch failed. */
  void fail(String why) {
    found = 0;
    absent = 0;
    failed = entries.length;
    problem = why;
  }

  /** Some value is not that of the version that the reply names. */
  void setMixed(String why) {
    isMixed = true;
    problem = why;
  }

  /** A key is ABSENT that is there, or FOUND though it is nowhere. */
  void setWrong(String why) {
    isWrong = true;
    problem = why;
  }

  int found() {
    return found;
  }

  int absent() {
    return absent;
  }

  int failed() {
    return failed;
  }

  boolean isMixed() {
    return isMixed;
  }

  boolean isWrong() {
    return isWrong;
  }

  /** The worst thing that happened, empty when nothing did. */
  String problem() {
    return problem;
  }
}
