package io.featurekv.node.serving;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The counts of all threads that read, together. Any thread. There are as many as event loops and
 * threads of the read pool.
 */
public final class ReadTallies {
  private final List<ReadTally> all = new CopyOnWriteArrayList<>();
  private final FastThreadLocal<ReadTally> ofThread =
      new FastThreadLocal<>() {
        @Override
        protected ReadTally initialValue() {
          ReadTally tally = new ReadTally();
          all.add(tally);
          return tally;
        }
      };

  ReadTally ofThisThread() {
    return ofThread.get();
  }

  private long sum(int counter) {
    long sum = 0;
    for (ReadTally tally : all) {
      sum += tally.get(counter);
    }
    return sum;
  }

  /** Batches that were answered. */
  public long batches() {
    return sum(ReadTally.BATCHES);
  }

  /** Batches that came, whatever became of them. */
  public long arrived() {
    return sum(ReadTally.ARRIVED) + refused();
  }

  /** Keys that had a value. */
  public long found() {
    return sum(ReadTally.FOUND);
  }

  /** Keys without an entry. */
  public long absent() {
    return sum(ReadTally.ABSENT);
  }

  /** Keys that could not be read. */
  public long failed() {
    return sum(ReadTally.FAILED);
  }

  /** Keys that other nodes were asked for. */
  public long forwarded() {
    return sum(ReadTally.FORWARDED);
  }

  /** Batches that were dropped because their deadline had passed. */
  public long late() {
    return sum(ReadTally.LATE);
  }

  /** Batches that were refused because too much was in flight. */
  public long refused() {
    return sum(ReadTally.REFUSED);
  }

  /** Nanoseconds from arrival to reply, of all batches together. */
  public long nanos() {
    return sum(ReadTally.NANOS);
  }

  /** Upper bounds of the latency buckets, in nanoseconds; one more bucket follows the last. */
  public static long[] boundsNanos() {
    return ReadTally.BOUNDS_NANOS.clone();
  }

  /** Batches of each latency bucket. */
  public long[] buckets() {
    long[] buckets = new long[ReadTally.BOUNDS_NANOS.length + 1];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = sum(ReadTally.FIRST_BUCKET + i);
    }
    return buckets;
  }
}
