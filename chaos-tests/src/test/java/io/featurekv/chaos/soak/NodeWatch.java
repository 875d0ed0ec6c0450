package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Looks at every server a few times a second: equal indexes must have equal hashes (I7); term, vote
 * and, while a process lives, commit index must never go back (I13).
 *
 * <p>A server whose Raft directory was damaged comes back as another voter: under the next
 * incarnation, which it has on its disk before the directory is another.
 */
final class NodeWatch implements AutoCloseable {
  private static final long PERIOD_MILLIS = 250;
  private static final int MAX_HASHES = 100_000;

  private final List<ServerNode> nodes;
  private final NodeProbe probe = new NodeProbe();
  private final Checks checks;
  private final SortedMap<Long, String> hashes = new TreeMap<>();
  private final Map<String, Long> terms = new HashMap<>();
  private final Map<String, NodeProbe.Vote> votes = new HashMap<>();
  private final Map<Long, Long> commits = new HashMap<>();
  private final Set<Long> harmed = new HashSet<>();
  private final Thread thread;
  private volatile boolean isClosed;

  NodeWatch(List<ServerNode> nodes, Checks checks) {
    this.nodes = List.copyOf(nodes);
    this.checks = checks;
    this.thread = Thread.ofPlatform().name("node-watch").start(this::loop);
  }

  private void loop() {
    while (!isClosed) {
      try {
        nodes.forEach(this::look);
      } catch (RuntimeException | Error e) {
        checks.broken("node-watch", e);
      }
      try {
        Thread.sleep(PERIOD_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Looks at one server now; what lies on its disk while it is down is being harmed, maybe. */
  void look(ServerNode node) {
    Process process = node.process();
    if (!process.isAlive()) {
      return;
    }
    NodeProbe.vote(node).filter(vote -> process.isAlive()).ifPresent(vote -> take(node, vote));
    probe
        .standing(node)
        .filter(standing -> node.process().pid() == process.pid())
        .ifPresent(standing -> take(node, process.pid(), standing));
  }

  /** What it was never told, and so could not check; empty where it was told of all. */
  synchronized List<String> neverSeen() {
    List<String> never = new ArrayList<>();
    if (hashes.isEmpty()) {
      never.add("a state hash");
    }
    if (terms.isEmpty() || commits.isEmpty()) {
      never.add("a term");
    }
    if (votes.isEmpty()) {
      never.add("a vote on a disk");
    }
    return never;
  }

  /** What a server says of itself. */
  synchronized void take(ServerNode node, long process, NodeProbe.Standing standing) {
    if (standing.index() > 0) {
      String known = hashes.putIfAbsent(standing.index(), standing.stateHash());
      if (known != null && !known.equals(standing.stateHash())) {
        checks.violated(
            7,
            node.id()
                + " has the state hash "
                + standing.stateHash()
                + " at index "
                + standing.index()
                + ", another server had "
                + known);
      }
      if (hashes.size() > MAX_HASHES) {
        hashes.pollFirstEntry();
      }
    }
    if (standing.term() > 0) {
      String voter = node.id() + "-" + standing.incarnation();
      rise(terms, voter, standing.term(), voter + "'s term");
      rise(commits, process, standing.commitIndex(), node.id() + "'s commit index");
    }
  }

  private <K> void rise(Map<K, Long> known, K key, long now, String what) {
    long before = known.getOrDefault(key, Long.MIN_VALUE);
    if (now < before) {
      checks.violated(13, what + " went back from " + before + " to " + now);
    }
    known.put(key, Math.max(now, before));
  }

  /**
   * The file with the vote of a server that is down is about to be harmed: what its present Raft
   * directory says from now on, until the server sets it aside, is not what the server wrote.
   */
  synchronized void harming(ServerNode node) {
    NodeProbe.Vote known = votes.get(node.id());
    if (known != null) {
      harmed.add(known.directory());
      terms.remove(node.id() + "-" + known.incarnation());
    }
  }

  /** What is on its disk. */
  synchronized void take(ServerNode node, NodeProbe.Vote vote) {
    NodeProbe.Vote before = votes.put(node.id(), vote);
    if (before == null || harmed.contains(vote.directory())) {
      return;
    }
    String change = node.id() + ": " + before + ", " + vote;
    if (vote.directory() != before.directory()) {
      if (vote.incarnation() <= before.incarnation()) {
        checks.violated(13, "another Raft directory under the same incarnation, " + change);
      }
    } else if (vote.term() < before.term()) {
      checks.violated(13, "the term on disk went back, " + change);
    } else if (vote.term() == before.term()
        && !before.votedFor().isEmpty()
        && !before.votedFor().equals(vote.votedFor())) {
      checks.violated(13, "two votes in a term, " + change);
    }
  }

  NodeProbe probe() {
    return probe;
  }

  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
