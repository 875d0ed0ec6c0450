package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * Stands between named nodes: whoever wants to reach one connects to its door here, and each
 * direction between two names is a {@link Link} with faults of its own. Seeded; which chunks bytes
 * come in is up to the machine. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
  /** At most so many bytes are looked at as one chunk. */
  public static final int CHUNK_BYTES = 16 << 10;

  private final long seed;
  private final Callers callers;
  private final Counts counts = new Counts();
  private final Map<Pair, Link> links = new ConcurrentHashMap<>();
  private final List<ServerSocketChannel> doors = new CopyOnWriteArrayList<>();
  private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  /** What happened to connections and chunks. */
  public enum Fault {
    /** A connection, broken by RST. */
    CUT,
    /** A chunk that came late. */
    DELAYED,
    /** A chunk after which the next had to wait. */
    PACED,
    /** A chunk, or a new connection, that waited because nothing came through. */
    HELD,
    SWALLOWED,
    FLIPPED,
    DOUBLED,
    REORDERED,
    CUT_SHORT
  }

  /** Who connects from a port of this machine. */
  @FunctionalInterface
  public interface Callers {
    /** A name; never null. */
    String nameOf(InetSocketAddress from, InetSocketAddress to);
  }

  private record Pair(String from, String to) {}

  /** Work of a connection's thread. */
  @FunctionalInterface
  interface Step {
    void run() throws InterruptedException;
  }

  public TcpProxy(long seed, Callers callers) {
    this.seed = seed;
    this.callers = callers;
  }

  /** Opens a door: who connects to an address reaches a node at its own; returns the address. */
  public InetSocketAddress open(String node, InetSocketAddress at, InetSocketAddress target) {
    try {
      ServerSocketChannel door = ServerSocketChannel.open();
      doors.add(door);
      door.bind(at);
      run(() -> accept(door, node, target));
      return (InetSocketAddress) door.getLocalAddress();
    } catch (IOException e) {
      throw new UncheckedIOException("door of " + node + " at " + at, e);
    }
  }

  private void accept(ServerSocketChannel door, String node, InetSocketAddress target) {
    while (!isClosed) {
      try {
        SocketChannel accepted = door.accept();
        String caller =
            callers.nameOf(
                (InetSocketAddress) accepted.getRemoteAddress(),
                (InetSocketAddress) accepted.getLocalAddress());
        ProxiedConnection connection =
            new ProxiedConnection(this, caller, node, accepted, SocketChannel.open());
        connections.add(connection);
        run(() -> connection.carry(target));
        if (isClosed) {
          connection.reset();
        }
      } catch (IOException e) {
        // The door is closed, or the caller has gone already.
      }
    }
  }

  void run(Step step) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                step.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** What the one sends to the other. */
  public Link link(String from, String to) {
    return links.computeIfAbsent(
        new Pair(from, to), pair -> new Link(seed + Objects.hash(from, to), counts));
  }

  /** Breaks all connections between two nodes (RST); returns how many there were. */
  public int cut(String one, String other) {
    int cut = 0;
    for (ProxiedConnection connection : new ArrayList<>(connections)) {
      if (connection.isBetween(one, other)) {
        connection.reset();
        counts.add(Fault.CUT);
        cut++;
      }
    }
    return cut;
  }

  /** No faults any more; connections that lost bytes are broken. */
  public void heal() {
    // First: what was swallowed must not be followed by what comes next.
    for (ProxiedConnection connection : new ArrayList<>(connections)) {
      if (connection.hasLostBytes()) {
        connection.reset();
      }
    }
    links.values().forEach(Link::heal);
  }

  /** How often each fault really happened, since the beginning. */
  public Map<Fault, Long> fired() {
    return counts.all();
  }

  /** How often one fault really happened. */
  public long fired(Fault fault) {
    return fired().getOrDefault(fault, 0L);
  }

  /** Connections that are open now. */
  public int connectionCount() {
    return connections.size();
  }

  Counts counts() {
    return counts;
  }

  void ended(ProxiedConnection connection) {
    connections.remove(connection);
  }

  /** Callers by the process that has the socket: a name and its process each. */
  public static Callers byProcess(List<String> names, ToLongFunction<String> pid, String others) {
    return (from, to) -> ProcessSockets.owner(names, pid, from, to).orElse(others);
  }

  /** Closes all doors and breaks all connections. */
  @Override
  public void close() {
    isClosed = true;
    for (ServerSocketChannel door : doors) {
      try {
        door.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    new ArrayList<>(connections).forEach(ProxiedConnection::reset);
  }
}
