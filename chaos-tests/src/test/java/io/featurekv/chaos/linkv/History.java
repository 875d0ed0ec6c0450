package io.featurekv.chaos.linkv;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the clients saw, in no order of its own. May be used by any thread. */
final class History {
  private final long startNanos = System.nanoTime();
  private final List<Operation> operations = new ArrayList<>();
  private long failed;

  /** Nanoseconds since it began. */
  long now() {
    return System.nanoTime() - startNanos;
  }

  synchronized void add(Operation operation) {
    operations.add(operation);
  }

  /** An operation that certainly did not happen, or a read that saw nothing. */
  synchronized void addFailed() {
    failed++;
  }

  synchronized long failed() {
    return failed;
  }

  synchronized List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** Registers that were asked for. */
  synchronized Set<Long> keys() {
    return operations.stream().map(Operation::key).collect(Collectors.toCollection(TreeSet::new));
  }

  synchronized int openOn(long key) {
    return (int) operations.stream().filter(each -> each.key() == key && each.isOpen()).count();
  }

  synchronized long open() {
    return operations.stream().filter(Operation::isOpen).count();
  }

  /** For a person: by register and time. */
  synchronized List<String> lines() {
    return operations.stream()
        .sorted(Comparator.comparingLong(Operation::key).thenComparingLong(Operation::beganNanos))
        .map(Operation::toString)
        .toList();
  }
}
