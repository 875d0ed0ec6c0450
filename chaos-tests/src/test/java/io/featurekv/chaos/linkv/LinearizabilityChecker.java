package io.featurekv.chaos.linkv;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether operations on registers could have taken place one after the other, each at a moment
 * between its beginning and its end, with the effects that were seen.
 *
 * <p>Each register by itself (linearizability is local), by the algorithm of Wing and Gong with
 * Lowe's cache of the configurations that were seen ("Testing for linearizability", 2017): a
 * configuration is the set of operations that have taken place and the value they left. Open
 * operations may take place at any time after their beginning, or never.
 */
final class LinearizabilityChecker {
  /** Configurations of all registers together, and time; beyond them there is no verdict. */
  record Limits(long maxConfigurations, Duration maxTime) {}

  /** What a history is. */
  sealed interface Verdict {
    /** It is linearizable. */
    record Linearizable(long operations, long configurations) implements Verdict {}

    /**
     * It is not.
     *
     * @param stuck operations of which none can be the next after the longest sequence found
     */
    record Violation(long key, List<Operation> operations, List<Operation> stuck)
        implements Verdict {}

    /** It is not known; a run with this verdict has failed. */
    record GaveUp(long key, String reason) implements Verdict {}
  }

  private record Configuration(BitSet done, long value) {}

  private final Limits limits;
  private final long startNanos = System.nanoTime();
  private long configurations;

  private LinearizabilityChecker(Limits limits) {
    this.limits = limits;
  }

  static Verdict check(List<Operation> history, Limits limits) {
    LinearizabilityChecker checker = new LinearizabilityChecker(limits);
    Map<Long, List<Operation>> byKey =
        history.stream()
            .collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
    for (Map.Entry<Long, List<Operation>> register : byKey.entrySet()) {
      Verdict verdict = checker.checkRegister(register.getKey(), register.getValue());
      if (!(verdict instanceof Verdict.Linearizable)) {
        return verdict;
      }
    }
    return new Verdict.Linearizable(history.size(), checker.configurations);
  }

  /** A beginning or an end in the list of those that have not taken place. */
  private static final class Event {
    private final int operation;
    private final boolean begins;
    private Event before;
    private Event after;
    private Event end;

    Event(int operation, boolean begins) {
      this.operation = operation;
      this.begins = begins;
    }

    void linkAfter(Event previous) {
      before = previous;
      previous.after = this;
    }

    private void remove() {
      before.after = after;
      if (after != null) {
        after.before = before;
      }
    }

    private void putBack() {
      before.after = this;
      if (after != null) {
        after.before = this;
      }
    }

    /** Takes the operation that begins here out. */
    void lift() {
      remove();
      end.remove();
    }

    void unlift() {
      end.putBack();
      putBack();
    }
  }

  private record Choice(Event event, long valueBefore) {}

  private Verdict checkRegister(long key, List<Operation> operations) {
    Event head = events(operations);
    Set<Configuration> seen = new HashSet<>();
    Deque<Choice> choices = new ArrayDeque<>();
    BitSet done = new BitSet(operations.size());
    BitSet furthest = new BitSet();
    long value = Operation.MISSING;
    Event event = head.after;
    while (event != null) {
      Operation operation = operations.get(event.operation);
      if (event.begins) {
        long next = RegisterModel.step(value, operation);
        if (next != RegisterModel.IMPOSSIBLE && isNew(seen, done, event.operation, next)) {
          choices.push(new Choice(event, value));
          value = next;
          done.set(event.operation);
          event.lift();
          event = head.after;
        } else {
          event = event.after;
        }
        continue;
      }
      if (operation.isOpen()) {
        // Ends of open ones come last: all others have taken place.
        break;
      }
      if (done.cardinality() > furthest.cardinality()) {
        furthest = (BitSet) done.clone();
      }
      String exhausted = exhausted();
      if (exhausted != null) {
        return new Verdict.GaveUp(key, exhausted);
      }
      if (choices.isEmpty()) {
        return new Verdict.Violation(key, operations, stuck(operations, furthest));
      }
      Choice last = choices.pop();
      value = last.valueBefore();
      done.clear(last.event().operation);
      last.event().unlift();
      event = last.event().after;
    }
    return new Verdict.Linearizable(operations.size(), configurations);
  }

  private boolean isNew(Set<Configuration> seen, BitSet done, int operation, long value) {
    BitSet after = (BitSet) done.clone();
    after.set(operation);
    boolean isNew = seen.add(new Configuration(after, value));
    configurations += isNew ? 1 : 0;
    return isNew;
  }

  private String exhausted() {
    if (configurations > limits.maxConfigurations()) {
      return "more than " + limits.maxConfigurations() + " configurations";
    }
    return System.nanoTime() - startNanos > limits.maxTime().toNanos()
        ? "more than " + limits.maxTime()
        : null;
  }

  /** The first that has ended, and all that had begun by then. */
  private static List<Operation> stuck(List<Operation> operations, BitSet done) {
    List<Operation> left = new ArrayList<>();
    for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
      left.add(operations.get(i));
    }
    long firstEnd = left.stream().mapToLong(Operation::endedNanos).min().orElse(0);
    return left.stream().filter(operation -> operation.beganNanos() <= firstEnd).toList();
  }

  private record Moment(long nanos, boolean begins, int operation) {}

  /** Beginnings before ends of the same moment: what touches may be at the same time. */
  private static Event events(List<Operation> operations) {
    List<Moment> moments = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      moments.add(new Moment(operations.get(i).beganNanos(), true, i));
      moments.add(new Moment(operations.get(i).endedNanos(), false, i));
    }
    moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(moment -> !moment.begins()));
    Event head = new Event(-1, true);
    Event last = head;
    Event[] beginnings = new Event[operations.size()];
    for (Moment moment : moments) {
      Event event = new Event(moment.operation(), moment.begins());
      event.linkAfter(last);
      last = event;
      if (moment.begins()) {
        beginnings[moment.operation()] = event;
      } else {
        beginnings[moment.operation()].end = event;
      }
    }
    return head;
  }
}
