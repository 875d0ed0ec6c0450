package io.featurekv.chaos.linkv;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Which fault begins and ends when: decided by the seed before the run begins.
 *
 * @param steps by time
 */
record Schedule(List<Step> steps) {
  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final int MAX_PAUSE_MILLIS = 2_500;
  private static final int SHORTEST_MILLIS = 500;
  private static final int LONGEST_MILLIS = 2_500;

  /**
   * One fault begins or ends.
   *
   * @param order all nodes; whom a fault hits depends on their order
   * @param leaderFirst whoever leads then comes first
   * @param variant one of the shapes that the fault has, from 0
   */
  record Step(
      long atMillis,
      Fault fault,
      boolean begins,
      List<String> order,
      boolean leaderFirst,
      int variant) {
    private Step later(long millis) {
      return new Step(atMillis + millis, fault, begins, order, leaderFirst, variant);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%6d ms  %s %s %s%s /%d",
          atMillis,
          fault.word(),
          begins ? "begins" : "ends",
          leaderFirst ? "leader, " : "",
          order,
          variant);
    }
  }

  static Schedule random(long seed, List<String> nodes, Set<Fault> faults, long millis) {
    List<Step> steps = new ArrayList<>();
    Random seeds = new Random(seed);
    for (Fault.Track track : Fault.Track.values()) {
      Random random = new Random(seeds.nextLong());
      List<Fault> own =
          new ArrayList<>(faults.stream().filter(fault -> fault.track() == track).toList());
      if (!own.isEmpty()) {
        Collections.shuffle(own, random);
        addTrack(steps, random, own, nodes, millis);
      }
    }
    steps.sort(Comparator.comparingLong(Step::atMillis));
    return new Schedule(List.copyOf(steps));
  }

  private static void addTrack(
      List<Step> steps, Random random, List<Fault> faults, List<String> nodes, long millis) {
    long at = FIRST_PAUSE_MILLIS + random.nextInt(MAX_PAUSE_MILLIS);
    for (int i = 0; at + SHORTEST_MILLIS < millis; i++) {
      Fault fault = faults.get(i % faults.size());
      List<String> order = new ArrayList<>(nodes);
      Collections.shuffle(order, random);
      boolean leaderFirst = random.nextBoolean();
      int variant = random.nextInt(1 << 10);
      long end = at + random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS);
      steps.add(new Step(at, fault, true, List.copyOf(order), leaderFirst, variant));
      steps.add(new Step(end, fault, false, List.copyOf(order), leaderFirst, variant));
      at = end + FIRST_PAUSE_MILLIS + random.nextInt(MAX_PAUSE_MILLIS);
    }
  }

  /** What there is for one track, counted from {@code millis} on. */
  List<Step> of(Fault.Track track, long millis) {
    return steps.stream()
        .filter(step -> step.fault().track() == track)
        .map(step -> step.later(millis))
        .toList();
  }

  /** The links that a fault of {@link Fault.Track#LINKS} cuts. */
  static Set<Network.Link> links(Fault fault, List<String> order, int variant) {
    int size = order.size();
    return switch (fault) {
      case PARTITION -> {
        int minority = 1 + variant % Math.max(1, (size - 1) / 2);
        yield Network.between(order.subList(0, minority), order.subList(minority, size));
      }
      case ONE_WAY -> {
        Set<Network.Link> links = new HashSet<>();
        for (String other : order.subList(1, size)) {
          links.add(
              variant % 2 == 0
                  ? new Network.Link(order.get(0), other)
                  : new Network.Link(other, order.get(0)));
        }
        yield links;
      }
      case BRIDGE -> {
        int half = 1 + (size - 1) / 2;
        yield Network.between(order.subList(1, half), order.subList(half, size));
      }
      case RING -> {
        Set<Network.Link> links = new HashSet<>();
        int majority = size / 2 + 1;
        for (int i = 0; i < size; i++) {
          for (int far = majority; far < size; far++) {
            links.add(new Network.Link(order.get((i + far) % size), order.get(i)));
          }
        }
        yield links;
      }
      case LOSS, DUPLICATE, KILL, KILL_ALL, PAUSE ->
          throw new IllegalArgumentException(fault + " cuts no links");
    };
  }
}
