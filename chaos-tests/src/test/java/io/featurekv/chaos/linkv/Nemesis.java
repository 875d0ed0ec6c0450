package io.featurekv.chaos.linkv;

import io.featurekv.chaos.linkv.Network.Counts;
import io.featurekv.chaos.linkv.Schedule.Step;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Carries out what a schedule has for one track, and counts the faults that really fired: cuts that
 * stopped messages, losses and doublings that happened, processes that ended or stood still. A
 * fault of links or messages lasts until it did so, as where all nodes are being started there is
 * nothing to stop. For one thread, so that none waits for the faults of another track.
 */
final class Nemesis {
  private static final double LOSS_STEP = 0.02;
  private static final double DOUBLING_STEP = 0.05;
  private static final int STRENGTHS = 5;
  private static final long MAX_UNSEEN_MILLIS = 20_000;
  private static final long LOOK_MILLIS = 20;

  private final Network network;
  private final Map<String, TestedNode> nodes;
  private final Restart restart;
  private final Map<Fault, Integer> fired = new EnumMap<>(Fault.class);
  private final Map<Fault, List<String>> victims = new EnumMap<>(Fault.class);
  private final Map<Fault, Counts> before = new EnumMap<>(Fault.class);
  private final List<String> log = new ArrayList<>();

  /** Starts a node again and tells it who it is. */
  interface Restart {
    void restart(String node) throws InterruptedException;
  }

  Nemesis(Network network, Map<String, TestedNode> nodes, Restart restart) {
    this.network = network;
    this.nodes = new TreeMap<>(nodes);
    this.restart = restart;
  }

  /** How often each fault fired. */
  Map<Fault, Integer> fired() {
    return new EnumMap<>(fired);
  }

  /** What was done, in words. */
  List<String> log() {
    return List.copyOf(log);
  }

  /**
   * Carries out steps of one track; the times count from {@code history}'s beginning. Where a node
   * took its time to start, what follows comes as much later, and what would begin after the end is
   * left out if something fired.
   */
  void run(List<Step> steps, History history, long endMillis) throws InterruptedException {
    long late = 0;
    for (Step step : steps) {
      long wait = step.atMillis() + late - millis(history);
      if (wait > 0) {
        Thread.sleep(wait);
      }
      if (step.begins()) {
        if (!fired.isEmpty() && millis(history) >= endMillis) {
          return;
        }
        late = millis(history) - step.atMillis();
        begin(step, history);
      } else {
        awaitEffect(step.fault());
        end(step.fault());
        log.add(at(history) + step.fault().word() + " has ended");
      }
    }
  }

  private static long millis(History history) {
    return history.now() / 1_000_000;
  }

  private static String at(History history) {
    return String.format(Locale.ROOT, "%6d ms  ", millis(history));
  }

  private void awaitEffect(Fault fault) throws InterruptedException {
    long began = System.nanoTime();
    while (!hasShown(fault)
        && System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(MAX_UNSEEN_MILLIS)) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private boolean hasShown(Fault fault) {
    Counts then = before.get(fault);
    Counts now = network.counts();
    return switch (fault) {
      case PARTITION, ONE_WAY, BRIDGE, RING -> now.cut() > then.cut();
      case LOSS -> now.lost() > then.lost();
      case DUPLICATE -> now.doubled() > then.doubled();
      case KILL, KILL_ALL, PAUSE -> !victims.getOrDefault(fault, List.of()).isEmpty();
    };
  }

  /** Ends whatever is under way. */
  void heal() throws InterruptedException {
    for (Fault fault : Fault.values()) {
      if (before.containsKey(fault)) {
        end(fault);
      }
    }
  }

  private void begin(Step step, History history) {
    List<String> order = new ArrayList<>(step.order());
    String leader = network.leader();
    if (step.leaderFirst() && order.remove(leader)) {
      order.addFirst(leader);
    }
    before.put(step.fault(), network.counts());
    int strength = 1 + step.variant() % STRENGTHS;
    switch (step.fault()) {
      case PARTITION, ONE_WAY, BRIDGE, RING -> {
        var links = Schedule.links(step.fault(), order, step.variant());
        network.cut(links);
        log.add(at(history) + step + ": cut " + Network.text(links) + ", leader " + leader);
      }
      case LOSS -> {
        network.lose(LOSS_STEP * strength);
        log.add(at(history) + step + ": " + LOSS_STEP * strength);
      }
      case DUPLICATE -> {
        network.doubling(DOUBLING_STEP * strength);
        log.add(at(history) + step + ": " + DOUBLING_STEP * strength);
      }
      case KILL, KILL_ALL -> {
        List<String> killed = step.fault() == Fault.KILL ? order.subList(0, 1) : order;
        killed.forEach(node -> nodes.get(node).kill());
        hit(step, history, killed, leader);
      }
      case PAUSE -> {
        List<String> paused =
            order.subList(0, 1).stream().filter(node -> nodes.get(node).pause()).toList();
        hit(step, history, paused, leader);
      }
    }
  }

  private void hit(Step step, History history, List<String> hit, String leader) {
    victims.put(step.fault(), List.copyOf(hit));
    log.add(at(history) + step + ": " + hit + ", leader " + leader);
  }

  private void end(Fault fault) throws InterruptedException {
    if (hasShown(fault)) {
      fired.merge(fault, 1, Integer::sum);
    }
    before.remove(fault);
    switch (fault) {
      case PARTITION, ONE_WAY, BRIDGE, RING -> network.cut(Set.of());
      case LOSS -> network.lose(0);
      case DUPLICATE -> network.doubling(0);
      case KILL, KILL_ALL -> {
        for (String node : removeVictims(fault)) {
          restart.restart(node);
        }
      }
      case PAUSE -> removeVictims(fault).forEach(node -> nodes.get(node).resume());
    }
  }

  private List<String> removeVictims(Fault fault) {
    List<String> hit = victims.remove(fault);
    return hit == null ? List.of() : hit;
  }
}
