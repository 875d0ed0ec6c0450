package io.featurekv.bench.traffic;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Keeps the same number of requests open on every connection: each reply makes room for another.
 */
public final class ClosedLoop {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long PATIENCE_MILLIS = 10_000;

  private final List<Link> links;
  private final List<EntryDraws> draws;
  private final int depth;

  /**
   * A loop of as many threads as there are draws, which share the connections.
   *
   * @param depth open requests of each connection
   */
  public ClosedLoop(List<Link> links, List<EntryDraws> draws, int depth) {
    this.links = List.copyOf(links);
    this.draws = List.copyOf(draws);
    this.depth = depth;
  }

  /** Asks for so long, then waits for the last replies. */
  public Outcome run(long nanos) throws IOException {
    long start = System.nanoTime();
    Outcome outcome = new Outcome();
    try (ExecutorService threads = Executors.newFixedThreadPool(draws.size())) {
      List<Future<Outcome>> running = new ArrayList<>();
      for (int i = 0; i < draws.size(); i++) {
        EntryDraws own = draws.get(i);
        List<Link> share = share(i);
        running.add(threads.submit(() -> runThread(share, own, start + nanos)));
      }
      for (Future<Outcome> each : running) {
        outcome.add(each.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException known) {
        throw known;
      }
      throw new IllegalStateException("the load generator failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    outcome.took(System.nanoTime() - start);
    return outcome;
  }

  private List<Link> share(int thread) {
    List<Link> share = new ArrayList<>();
    for (int i = thread; i < links.size(); i += draws.size()) {
      share.add(links.get(i));
    }
    return share;
  }

  private Outcome runThread(List<Link> share, EntryDraws own, long endNanos) throws IOException {
    long cpuBefore = THREADS.getCurrentThreadCpuTime();
    Outcome outcome = new Outcome();
    try (Selector selector = Selector.open()) {
      int open = 0;
      for (Link link : share) {
        SelectionKey key = link.channel().register(selector, SelectionKey.OP_READ, link);
        open += fill(key, link, own, depth);
      }
      while (open > 0) {
        if (selector.select(PATIENCE_MILLIS) == 0) {
          throw new SocketTimeoutException("no reply for " + PATIENCE_MILLIS + " ms");
        }
        for (SelectionKey key : selector.selectedKeys()) {
          Link link = (Link) key.attachment();
          if (key.isReadable()) {
            int replies = link.receive(outcome.tally(), outcome.latency());
            open -= replies;
            if (replies > 0 && System.nanoTime() < endNanos) {
              open += fill(key, link, own, replies);
            }
          }
          if (key.isValid() && key.isWritable() && link.flush()) {
            key.interestOps(SelectionKey.OP_READ);
          }
        }
        selector.selectedKeys().clear();
      }
    }
    outcome.usedCpu(THREADS.getCurrentThreadCpuTime() - cpuBefore);
    return outcome;
  }

  /** Sends so many requests; what the connection does not take at once waits for it. */
  private static int fill(SelectionKey key, Link link, EntryDraws own, int requests)
      throws IOException {
    for (int i = 0; i < requests; i++) {
      if (!link.canSend()) {
        link.flush();
        if (!link.canSend()) {
          throw new IOException("a connection takes fewer than " + requests + " requests at once");
        }
      }
      link.send(own, System.nanoTime());
    }
    boolean isSent = link.flush();
    key.interestOps(isSent ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    return requests;
  }
}
