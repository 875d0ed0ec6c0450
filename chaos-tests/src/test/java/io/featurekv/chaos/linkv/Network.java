package io.featurekv.chaos.linkv;

import io.featurekv.chaos.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Carries lines between nodes and clients. Between nodes they take time, overtake each other, are
 * lost, doubled and cut off; between a client and its node they are there at once, as in Maelstrom.
 *
 * <p>What becomes of the nth message from one node to another depends on the seed, the two and n
 * alone. May be used by any thread; receivers are called by one, and must not block.
 */
final class Network implements AutoCloseable {
  private static final int MAX_VIOLATIONS_KEPT = 20;
  private static final double NANOS_PER_MILLI = 1e6;

  /** From whom to whom messages no longer pass. */
  record Link(String src, String dest) {}

  /** What was carried and what was not. */
  record Counts(
      long carried, long lost, long doubled, long cut, long overtook, long votes, long leaders) {}

  /** What a client asked a node, by the id that it gave it. */
  private record Request(String client, String node, long id) {}

  private record Carried(long dueNanos, long order, Envelope envelope, String line) {}

  private final long seed;
  private final Latency latency;
  private final double latencyMillis;
  private final Map<String, Consumer<String>> receivers = new HashMap<>();
  private final Map<Request, Boolean> answered = new HashMap<>();
  private final Map<Link, Long> sent = new HashMap<>();
  private final Map<Link, Long> lastDue = new HashMap<>();
  private final PriorityQueue<Carried> onTheWay =
      new PriorityQueue<>(
          Comparator.comparingLong(Carried::dueNanos).thenComparingLong(Carried::order));
  private final List<String> violations = new ArrayList<>();
  private final Thread carrier;
  private Set<Link> cuts = Set.of();
  private double loss;
  private double doubling;
  private long nextId;
  private String leader = "";
  private boolean closed;
  private long carried;
  private long lost;
  private long doubled;
  private long cut;
  private long overtook;
  private long votes;
  private long leaders;

  Network(long seed, Latency latency, double latencyMillis) {
    this.seed = seed;
    this.latency = latency;
    this.latencyMillis = latencyMillis;
    this.carrier = Thread.ofPlatform().daemon().name("network").start(this::carry);
  }

  synchronized void attach(String id, Consumer<String> receiver) {
    receivers.put(id, receiver);
  }

  /** Cuts these links and no others. */
  synchronized void cut(Set<Link> links) {
    cuts = Set.copyOf(links);
  }

  synchronized void lose(double share) {
    loss = share;
  }

  synchronized void doubling(double share) {
    doubling = share;
  }

  /** Whoever sent entries of the log last, or empty. */
  synchronized String leader() {
    return leader;
  }

  synchronized Counts counts() {
    return new Counts(carried, lost, doubled, cut, overtook, votes, leaders);
  }

  /** Lines that Maelstrom would not have taken. */
  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  private synchronized void violated(String what) {
    if (violations.size() < MAX_VIOLATIONS_KEPT) {
      violations.add(what);
    }
  }

  /** A client's line; it has no id yet. The client may give up waiting; the node may not know. */
  synchronized void ask(String src, String dest, String body) {
    answered.put(new Request(src, dest, Json.parse(body).at("msg_id").number()), false);
    String line = "{\"src\":\"" + src + "\",\"dest\":\"" + dest + "\",\"body\":" + body + "}";
    deliver(dest, line);
  }

  /** Takes a line that a node wrote. */
  void send(String src, String line) {
    try {
      send(src, Envelope.parse(line), line);
    } catch (Envelope.Illegal e) {
      violated(src + ": " + e.getMessage());
    }
  }

  private synchronized void send(String src, Envelope envelope, String line) {
    if (!envelope.src().equals(src) || !receivers.containsKey(envelope.dest())) {
      violated(src + " wrote as " + envelope.src() + " to " + envelope.dest() + ": " + line);
      return;
    }
    if (Envelope.isClient(envelope.dest())) {
      checkAsked(envelope, line);
      deliver(envelope.dest(), line);
      return;
    }
    note(envelope);
    schedule(envelope, line);
  }

  /** A node answers what it was asked, and that once, however late. */
  private void checkAsked(Envelope reply, String line) {
    Boolean before =
        answered.replace(new Request(reply.dest(), reply.src(), reply.inReplyTo()), true);
    if (before == null) {
      violated("a reply to what was not asked: " + line);
    } else if (before) {
      violated("a second reply: " + line);
    }
  }

  private void note(Envelope envelope) {
    if (envelope.call().equals("append_entries") && !envelope.src().equals(leader)) {
      leader = envelope.src();
      leaders++;
    } else if (envelope.call().equals("request_vote")) {
      votes++;
    }
  }

  private void schedule(Envelope envelope, String line) {
    Link link = new Link(envelope.src(), envelope.dest());
    long count = sent.merge(link, 1L, Long::sum);
    RandomGenerator random = new SplittableRandom(Objects.hash(seed, link, count));
    if (random.nextDouble() < loss) {
      lost++;
      return;
    }
    int copies = random.nextDouble() < doubling ? 2 : 1;
    doubled += copies - 1;
    for (int copy = 0; copy < copies; copy++) {
      long due = System.nanoTime() + (long) (NANOS_PER_MILLI * latency.draw(latencyMillis, random));
      Long before = lastDue.put(link, due);
      overtook += before != null && before > due ? 1 : 0;
      onTheWay.add(new Carried(due, nextId++, envelope, line));
    }
    notifyAll();
  }

  private synchronized void carry() {
    try {
      while (!closed) {
        Carried next = onTheWay.peek();
        long waitNanos = next == null ? Long.MAX_VALUE : next.dueNanos() - System.nanoTime();
        if (waitNanos <= 0) {
          onTheWay.poll();
          arrive(next);
        } else if (next == null) {
          wait();
        } else {
          wait(waitNanos / 1_000_000, (int) (waitNanos % 1_000_000));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void arrive(Carried message) {
    Envelope envelope = message.envelope();
    if (cuts.contains(new Link(envelope.src(), envelope.dest()))) {
      cut++;
    } else {
      carried++;
      deliver(envelope.dest(), message.line());
    }
  }

  private void deliver(String dest, String line) {
    Consumer<String> receiver = receivers.get(dest);
    if (receiver != null) {
      // Maelstrom numbers what it hands out.
      receiver.accept("{\"id\":" + nextId++ + "," + line.substring(1));
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    carrier.interrupt();
  }

  /** All links between two groups, both ways. */
  static Set<Link> between(List<String> some, List<String> others) {
    Set<Link> links = new HashSet<>();
    for (String one : some) {
      for (String other : others) {
        links.add(new Link(one, other));
        links.add(new Link(other, one));
      }
    }
    return links;
  }

  /** Readable and in order. */
  static String text(Set<Link> links) {
    Map<String, Set<String>> bySource = new TreeMap<>();
    links.forEach(
        link ->
            bySource
                .computeIfAbsent(link.src(), src -> new java.util.TreeSet<>())
                .add(link.dest()));
    return bySource.toString();
  }
}
