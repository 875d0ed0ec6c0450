package io.featurekv.bench.traffic;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests by the clock, whatever became of those before, over all connections in turn. One
 * thread sends, one receives. Latency counts from when a request was due.
 */
public final class OpenLoop {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long SETTLE_NANOS = 5_000_000;
  private static final long FULL_PAUSE_NANOS = 20_000;
  private static final long SELECT_MILLIS = 50;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final List<Link> links;
  private final EntryDraws draws;
  private final double nanosPerRequest;
  private final AtomicLong sent = new AtomicLong();
  private volatile boolean isSent;
  private volatile boolean isFailed;

  public OpenLoop(List<Link> links, EntryDraws draws, double keysPerSecond) {
    this.links = List.copyOf(links);
    this.draws = draws;
    this.nanosPerRequest = links.getFirst().batch() * 1e9 / keysPerSecond;
  }

  /** Sends for so long, then waits for the last replies. */
  public Outcome run(long nanos) throws IOException {
    long start = System.nanoTime() + SETTLE_NANOS;
    sent.set(0);
    isSent = false;
    isFailed = false;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Outcome> receiving = threads.submit(this::receive);
      Future<Outcome> sending = threads.submit(() -> send(start, nanos));
      Outcome outcome = receiving.get();
      outcome.add(sending.get());
      outcome.took(System.nanoTime() - start);
      return outcome;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException known) {
        throw known;
      }
      throw new IllegalStateException("the load generator failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Outcome send(long start, long nanos) throws IOException {
    long cpuBefore = THREADS.getCurrentThreadCpuTime();
    Outcome outcome = new Outcome();
    PreciseSleep.askForPrecision();
    try {
      long requests = (long) (nanos / nanosPerRequest);
      for (long number = 0; number < requests && !isFailed; number++) {
        long due = start + (long) (number * nanosPerRequest);
        Link link = links.get((int) (number % links.size()));
        while (!link.canSend() && !isFailed) {
          LockSupport.parkNanos(FULL_PAUSE_NANOS);
        }
        link.send(draws, due);
        PreciseSleep.until(due);
        outcome.lateness().recordValue(Math.max(0, System.nanoTime() - due));
        sent.incrementAndGet();
        while (!link.flush() && !isFailed) {
          LockSupport.parkNanos(FULL_PAUSE_NANOS);
        }
      }
    } finally {
      isSent = true;
    }
    outcome.usedCpu(THREADS.getCurrentThreadCpuTime() - cpuBefore);
    return outcome;
  }

  private Outcome receive() throws IOException {
    long cpuBefore = THREADS.getCurrentThreadCpuTime();
    Outcome outcome = new Outcome();
    try (Selector selector = Selector.open()) {
      for (Link link : links) {
        link.channel().register(selector, SelectionKey.OP_READ, link);
      }
      long received = 0;
      long lastNanos = System.nanoTime();
      while (!isSent || received < sent.get()) {
        selector.select(SELECT_MILLIS);
        for (SelectionKey key : selector.selectedKeys()) {
          Link link = (Link) key.attachment();
          received += link.receive(outcome.tally(), outcome.latency());
          lastNanos = System.nanoTime();
        }
        selector.selectedKeys().clear();
        if (System.nanoTime() - lastNanos > PATIENCE_NANOS) {
          throw new SocketTimeoutException("no reply for a long time");
        }
      }
    } catch (IOException | RuntimeException e) {
      isFailed = true;
      throw e;
    }
    outcome.usedCpu(THREADS.getCurrentThreadCpuTime() - cpuBefore);
    return outcome;
  }
}
