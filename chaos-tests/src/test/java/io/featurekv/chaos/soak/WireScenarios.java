package io.featurekv.chaos.soak;

import io.featurekv.chaos.instruments.Link;
import io.featurekv.chaos.instruments.TcpProxy.Fault;
import io.featurekv.chaos.soak.ProxiedLayout.Proxied;
import io.featurekv.chaos.soak.Scenario.Least;
import io.featurekv.protocol.FrameType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Bytes that are harmed on their way, and ways that are slow or dead (faults 9 and 12). */
final class WireScenarios {
  private static final Layout PROXIED = new ProxiedLayout();
  private static final Least LEAST = new Least(1, 100, 1);

  /** Files travel in these; what else is sent relies on TCP's own checksum. */
  private static final Set<Integer> PIECES =
      Set.of(FrameType.PIECE.code(), FrameType.PUT_PIECE.code());

  private static final double SHARE = 0.3;
  private static final int LEAST_BODY_BYTES = 8 << 10;
  private static final int MAX_HARMS = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration STEP = Duration.ofMillis(200);
  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final Duration LONG = Duration.ofSeconds(9);
  private static final int LEAST_BYTES_PER_SECOND = 50_000;
  private static final int MOST_BYTES_PER_SECOND = 1_000_000;
  private static final Duration LEAST_DELAY = Duration.ofMillis(5);
  private static final Duration MOST_DELAY = Duration.ofMillis(150);

  private WireScenarios() {}

  static List<Scenario> all() {
    return List.of(
        harm("wire-flip", Link.Harm.FLIP, Fault.FLIPPED, "A bit of a file is turned on its way."),
        harm("wire-double", Link.Harm.DOUBLE, Fault.DOUBLED, "Bytes of a file come twice."),
        harm(
            "wire-reorder",
            Link.Harm.REORDER,
            Fault.REORDERED,
            "Bytes of a file come in another order."),
        harm(
            "wire-cut-short", Link.Harm.CUT_SHORT, Fault.CUT_SHORT, "Bytes of a file do not come."),
        new Strikes(
            "wire-cut",
            "Connections between servers, and with clients, break again and again.",
            Set.of(9),
            PROXIED,
            LEAST,
            WireScenarios::cut),
        new Strikes(
            "slow-peer",
            "All that a server sends is slow and late.",
            Set.of(12),
            PROXIED,
            LEAST,
            WireScenarios::slow),
        new Strikes(
            "half-open",
            "A server forgets its connections, and the others are not told.",
            Set.of(12),
            Wires.layout(),
            LEAST,
            WireScenarios::halfOpen));
  }

  private static Scenario harm(String name, Link.Harm kind, Fault fault, String about) {
    return new Strikes(
        name, about, Set.of(9), PROXIED, LEAST, harm -> harmBytes(harm, name, kind, fault));
  }

  /** Until enough was harmed: what travels is what the workload loads meanwhile. */
  private static void harmBytes(Harm harm, String name, Link.Harm kind, Fault fault)
      throws InterruptedException {
    Proxied wires = (Proxied) harm.cluster().ground();
    long before = wires.proxy().fired(fault);
    int wanted = 1 + harm.random().nextInt(MAX_HARMS);
    try {
      for (int server = 0; server < harm.cluster().servers().size(); server++) {
        for (Link link : wires.linksTo(server)) {
          link.harm(kind, PIECES, SHARE, LEAST_BODY_BYTES, wanted);
        }
      }
      long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
      while (wires.proxy().fired(fault) - before < wanted
          && System.nanoTime() - deadlineNanos < 0) {
        harm.endure(STEP);
      }
    } finally {
      wires.heal();
      for (long i = wires.proxy().fired(fault) - before; i > 0; i--) {
        harm.fired(name, "a chunk of a piece");
      }
    }
  }

  private static void cut(Harm harm) throws InterruptedException {
    Proxied wires = (Proxied) harm.cluster().ground();
    int times = 1 + harm.random().nextInt(MAX_HARMS);
    for (int i = 0; i < times; i++) {
      int one = harm.anyNode();
      int other =
          harm.random().nextInt(3) == 0
              ? Wires.OUTSIDE
              : Strikes.others(harm, one).get(harm.random().nextInt(2));
      int cut = wires.cut(one, other);
      if (cut > 0) {
        harm.fired(
            "wire-cut",
            cut + " connections between " + Strikes.node(one) + " and " + Strikes.node(other));
      }
      harm.endure(Strikes.between(harm, Duration.ZERO, Duration.ofSeconds(1)));
    }
  }

  private static void slow(Harm harm) throws InterruptedException {
    Proxied wires = (Proxied) harm.cluster().ground();
    int victim = harm.anyNode();
    int bytesPerSecond = harm.random().nextInt(LEAST_BYTES_PER_SECOND, MOST_BYTES_PER_SECOND);
    long before = wires.proxy().fired(Fault.PACED);
    try {
      for (int to = Wires.OUTSIDE; to < harm.cluster().servers().size(); to++) {
        if (to != victim) {
          wires.link(victim, to).pace(bytesPerSecond);
          wires.link(victim, to).delay(LEAST_DELAY, MOST_DELAY);
        }
      }
      harm.endure(Strikes.between(harm, SHORT, LONG));
    } finally {
      wires.heal();
      if (wires.proxy().fired(Fault.PACED) > before) {
        harm.fired(
            "slow-peer", Strikes.node(victim) + " sent " + bytesPerSecond + " bytes a second");
      }
    }
  }

  /**
   * Nothing passes while one side forgets, so that the other believes in connections that nobody
   * has any more; some of the time for longer than anybody waits for an answer.
   */
  private static void halfOpen(Harm harm) throws InterruptedException {
    Wires wires = Wires.of(harm);
    int victim = harm.anyNode();
    List<Integer> peers = new ArrayList<>(Strikes.others(harm, victim));
    peers.add(Wires.OUTSIDE);
    long before = lost(wires);
    try {
      wires.separate(victim, peers);
      long forgotten = 0;
      for (int peer : peers) {
        forgotten += forget(wires, victim, peer);
      }
      harm.endure(Strikes.between(harm, Duration.ofMillis(100), LONG));
      long lost = lost(wires) - before;
      if (forgotten + lost > 0) {
        harm.fired(
            "half-open",
            Strikes.node(victim) + " forgot " + forgotten + " connections, " + lost + " chunks");
      }
    } finally {
      wires.heal();
    }
  }

  /** A proxy has no side that forgets: there, bytes are taken and lost instead. */
  private static int forget(Wires wires, int victim, int peer) {
    return switch (wires) {
      case NamespacedLayout.Bridged bridged -> bridged.forget(victim, peer);
      case Proxied proxied -> {
        proxied.link(peer, victim).swallow();
        yield 0;
      }
    };
  }

  private static long lost(Wires wires) {
    return switch (wires) {
      case NamespacedLayout.Bridged _ -> 0;
      case Proxied proxied -> proxied.proxy().fired(Fault.SWALLOWED);
    };
  }
}
