package io.featurekv.chaos.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The worlds of consecutive seeds, by several threads. */
final class SeedBatch {
  /** So many failures are enough to know. */
  private static final int MAX_FAILURES = 200;

  private static final int LAST_EVENTS = 40;

  private final long from;
  private final long seeds;
  private final @Nullable Defect defect;
  private final Tally tally = new Tally();
  private final Map<Long, Throwable> failures = new TreeMap<>();
  private volatile boolean endedEarly;

  SeedBatch(long from, long seeds, @Nullable Defect defect) {
    this.from = from;
    this.seeds = seeds;
    this.defect = defect;
  }

  /** Runs them all, or until enough have failed. */
  void run(int threads) throws InterruptedException {
    AtomicLong next = new AtomicLong(from);
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      running.add(Thread.ofPlatform().name("seeds-" + i).start(() -> run(next)));
    }
    for (Thread thread : running) {
      thread.join();
    }
  }

  private void run(AtomicLong next) {
    Tally own = new Tally();
    for (long seed = next.getAndIncrement();
        seed < from + seeds && !isEnough();
        seed = next.getAndIncrement()) {
      try {
        own.add(Simulation.run(seed, defect, null));
      } catch (Throwable e) {
        // Whatever it is, the other seeds count only if this one is not passed over.
        synchronized (failures) {
          failures.put(seed, e);
        }
      }
    }
    synchronized (tally) {
      tally.add(own);
    }
  }

  /** Lets each thread end with the seed that it is at; has no effect on a batch that has run. */
  void endEarly() {
    endedEarly = true;
  }

  private boolean isEnough() {
    synchronized (failures) {
      return endedEarly || failures.size() >= MAX_FAILURES;
    }
  }

  Tally tally() {
    return tally;
  }

  Map<Long, Throwable> failures() {
    return failures;
  }

  /** The seeds of each kind of failure, by the beginning of what it says. */
  Map<String, List<Long>> kinds() {
    Map<String, List<Long>> kinds = new TreeMap<>();
    failures.forEach(
        (seed, failure) ->
            kinds
                .computeIfAbsent(
                    failure
                        .toString()
                        .replaceAll(".*InvariantBroken: ", "")
                        .replaceAll("(?<=[a-z /=])[0-9]+", "#")
                        .replaceAll("(.{120}).*", "$1"),
                    _ -> new ArrayList<>())
                .add(seed));
    return kinds;
  }

  /** All that happens in the world of a seed, its failure included. */
  static List<String> schedule(long seed, @Nullable Defect defect) {
    List<String> schedule = new ArrayList<>();
    try {
      Simulation.run(seed, defect, schedule);
    } catch (Throwable e) {
      schedule.add(e.toString());
    }
    return schedule;
  }

  /** What went wrong, what came before, and how to see all of it again. */
  static String describe(long seed, Throwable failure, List<String> schedule) {
    return "seed "
        + seed
        + ": "
        + failure
        + "\nits last events:\n"
        + String.join(
            "\n", schedule.subList(Math.max(0, schedule.size() - LAST_EVENTS), schedule.size()))
        + "\nall of it again: chaos-tests/simulate --seed "
        + seed;
  }
}
