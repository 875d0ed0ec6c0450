package io.featurekv.chaos.linkv;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a run is.
 *
 * @param seed of the schedule, the operations and what becomes of messages
 * @param nodes how many
 * @param seconds how long the faults last
 * @param rate operations a second that the clients try to do
 */
record LinKvSettings(
    long seed,
    int nodes,
    int seconds,
    Set<Fault> faults,
    Latency latency,
    int latencyMillis,
    int rate) {
  private static final List<Integer> MEAN_LATENCIES = List.of(0, 2, 5, 10, 20, 40);
  private static final int TIMEOUT_LATENCIES = 10;
  private static final int LEAST_TIMEOUT_MILLIS = 1_000;
  private static final int LEAST_ELECTION_MILLIS = 600;
  private static final int ELECTION_LATENCIES = 15;

  LinKvSettings {
    faults = Set.copyOf(faults);
  }

  static Latency latencyOf(long seed) {
    List<Latency> all = List.of(Latency.values());
    return all.get(new Random(seed).nextInt(all.size()));
  }

  static int latencyMillisOf(long seed) {
    return MEAN_LATENCIES.get(new Random(~seed).nextInt(MEAN_LATENCIES.size()));
  }

  List<String> nodeIds() {
    return IntStream.range(0, nodes).mapToObj(i -> "n" + i).toList();
  }

  /** How long a client waits: as long as Maelstrom's. */
  int timeoutMillis() {
    return Math.max(LEAST_TIMEOUT_MILLIS, TIMEOUT_LATENCIES * latencyMillis);
  }

  /** Short, so that there are many elections, but long enough for replies to come in time. */
  int electionMillis() {
    return Math.max(LEAST_ELECTION_MILLIS, ELECTION_LATENCIES * latencyMillis);
  }

  /** What repeats the run. */
  String command() {
    return String.format(
        Locale.ROOT,
        "chaos-tests/lin-kv --runs 1 --seed %d --nodes %d --seconds %d --faults %s --latency %d"
            + " --latency-dist %s --rate %d",
        seed,
        nodes,
        seconds,
        Fault.words(new java.util.TreeSet<>(faults)),
        latencyMillis,
        latency.name().toLowerCase(Locale.ROOT),
        rate);
  }
}
