package io.featurekv.cli.bench;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Puts a load on: by the clock, or as fast as answers come.
 *
 * <p>Invariants: there are as many {@link Batch}es as may be open; each is in {@link #free}, with a
 * sender, or on its way, and comes back when it has ended. A batch that is due by the clock counts
 * from when it was due, however late it was sent.
 */
final class ReadLoad implements AutoCloseable {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long MAX_LATENESS_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final ReadPlan plan;
  private final BatchSource source;
  private final BlockingQueue<Batch> free;
  private final int slots;
  private final List<Thread> senders = new ArrayList<>();
  private final LongAdder keysEnded = new LongAdder();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong sentMeasured = new AtomicLong();
  private final Histogram lateness = new ConcurrentHistogram(MAX_LATENESS_NANOS, 3);
  private final long startNanos;
  private final long measureNanos;
  private final Schedule schedule;
  private final long firstMeasured;
  private final Tally warmup;
  private final Tally measured;
  private final LongAdder endedSenderNanos = new LongAdder();
  private volatile boolean isStopped;

  /** The load begins at a time of {@link System#nanoTime}, which is not past. */
  ReadLoad(ReadPlan plan, BatchSource source, long startNanos) {
    this.plan = plan;
    this.source = source;
    this.startNanos = startNanos;
    this.measureNanos = startNanos + plan.warmupNanos();
    this.schedule =
        new Schedule(startNanos, plan.isOpen() ? plan.keysPerSecond() / plan.batchKeys() : 1);
    this.firstMeasured = schedule.firstAt(measureNanos);
    this.warmup = new Tally(startNanos);
    this.measured = new Tally(measureNanos);
    this.slots = plan.connections() * plan.inFlight();
    this.free = new ArrayBlockingQueue<>(slots);
    for (int i = 0; i < slots; i++) {
      free.add(new Batch(plan.batchKeys()));
    }
  }

  /** When counting begins. */
  long measureNanos() {
    return measureNanos;
  }

  /** Batches that do not count, because everything was still warming up. */
  Tally warmup() {
    return warmup;
  }

  Tally measured() {
    return measured;
  }

  /** Keys of all batches that have ended, counted or not. */
  long keysEnded() {
    return keysEnded.sum();
  }

  /** How late measured batches were sent, in nanoseconds; only of a load by the clock. */
  Histogram lateness() {
    return lateness;
  }

  /** CPU time so far of the threads that draw keys and send. */
  long senderCpuNanos() {
    long nanos = endedSenderNanos.sum();
    for (Thread sender : senders) {
      nanos += Math.max(0, THREADS.getThreadCpuTime(sender.threadId()));
    }
    return nanos;
  }

  void start() {
    for (int i = 0; i < plan.threads(); i++) {
      int place = i;
      senders.add(
          Thread.ofPlatform()
              .name("bench-sender-" + i)
              .daemon()
              .start(() -> send(place, plan.distribution().draws(plan.entries(), seedOf(place)))));
    }
  }

  private long seedOf(int place) {
    return new SplitMix64(plan.seed() + place).nextLong();
  }

  /** Waits until everything is sent, for so long at most; whether it is. */
  boolean awaitSent(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (Thread sender : senders) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (!sender.join(Duration.ofMillis(Math.max(1, left)))) {
        return false;
      }
    }
    return true;
  }

  /** Waits until the last batch has ended, after everything is sent. */
  void awaitEnded(long patienceNanos) throws InterruptedException {
    long end = System.nanoTime() + patienceNanos;
    for (int i = 0; i < slots; i++) {
      if (free.poll(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS) == null) {
        throw new FeatureKvException(
            ErrorCode.INTERNAL, (slots - i) + " batches have not ended by their deadline");
      }
    }
  }

  /** Sends nothing any more. */
  @Override
  public void close() {
    isStopped = true;
    senders.forEach(Thread::interrupt);
  }

  private void send(int place, KeyDistribution.Draws draws) {
    PreciseSleep.askForPrecision();
    PreciseSleep.until(startNanos);
    try {
      if (plan.isOpen()) {
        sendByTheClock(place, draws);
      } else {
        sendAsTheyComeBack(draws);
      }
    } catch (InterruptedException e) {
      // Stopped.
    } finally {
      endedSenderNanos.add(THREADS.getCurrentThreadCpuTime());
    }
  }

  private void sendByTheClock(int place, KeyDistribution.Draws draws) throws InterruptedException {
    long end =
        plan.batches() > 0
            ? firstMeasured + plan.batches()
            : schedule.firstAt(measureNanos + plan.durationNanos());
    for (long number = place; number < end && !isStopped; number += plan.threads()) {
      Batch batch = free.take();
      batch.draw(draws, plan.absentShare());
      long due = schedule.dueNanos(number);
      PreciseSleep.until(due);
      boolean isMeasured = number >= firstMeasured;
      if (isMeasured) {
        lateness.recordValue(Math.clamp(System.nanoTime() - due, 0, MAX_LATENESS_NANOS));
      }
      batch.begin(number, due, isMeasured);
      source.read(batch, this::ended);
    }
  }

  private void sendAsTheyComeBack(KeyDistribution.Draws draws) throws InterruptedException {
    while (!isStopped) {
      Batch batch = free.take();
      batch.draw(draws, plan.absentShare());
      long now = System.nanoTime();
      boolean isMeasured = now - measureNanos >= 0;
      boolean isLast =
          plan.batches() > 0
              ? isMeasured && sentMeasured.incrementAndGet() > plan.batches()
              : now - measureNanos >= plan.durationNanos();
      if (isLast) {
        free.add(batch);
        return;
      }
      batch.begin(sent.getAndIncrement(), now, isMeasured);
      source.read(batch, this::ended);
    }
  }

  private void ended(Batch batch) {
    long now = System.nanoTime();
    keysEnded.add(batch.size());
    (batch.isMeasured() ? measured : warmup).add(batch, now);
    free.add(batch);
  }
}
