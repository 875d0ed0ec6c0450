package io.featurekv.node.build;

import io.featurekv.loader.BuildProgress;
import io.featurekv.metadata.WorkLease;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One unit of work that is under way here: a split or a shard, by the lease it was given under.
 * Hears how far it is, and lets it be cancelled. Thread-safe.
 */
final class Unit implements BuildProgress {
  /** A unit that comes no further for so long is no longer told of, so that its lease is lost. */
  static final long STALLED_NANOS = TimeUnit.MINUTES.toNanos(5);

  final boolean isSplit;
  final int index;
  final WorkLease lease;
  private volatile long done;
  private volatile long readBackBytes;
  private volatile long advancedNanos = System.nanoTime();
  private volatile boolean isCancelled;
  private volatile boolean isStarted;
  private volatile boolean isEnded;
  private volatile @Nullable Thread worker;

  Unit(boolean isSplit, int index, WorkLease lease) {
    this.isSplit = isSplit;
    this.index = index;
    this.lease = lease;
  }

  /** Whether it works under that lease, however often that was renewed. */
  boolean isOf(WorkLease other) {
    return lease.session() == other.session() && lease.sinceMillis() == other.sinceMillis();
  }

  /** Runs the work on this thread. */
  void run(Runnable work) {
    isWaiting();
    worker = Thread.currentThread();
    isStarted = true;
    try {
      if (!isCancelled) {
        work.run();
      }
    } finally {
      worker = null;
      isEnded = true;
    }
  }

  void cancel() {
    isCancelled = true;
    Thread working = worker;
    if (working != null) {
      working.interrupt();
    }
  }

  boolean isEnded() {
    return isEnded;
  }

  long done() {
    return done;
  }

  /** Whether it does not come forward; one that waits for a thread is not to blame. */
  boolean isStalled() {
    return isStarted && System.nanoTime() - advancedNanos > STALLED_NANOS;
  }

  /** It is alive, although there is nothing to count. */
  void isWaiting() {
    advancedNanos = System.nanoTime();
  }

  private void advanceTo(long newDone) {
    if (newDone != done) {
      done = newDone;
      advancedNanos = System.nanoTime();
    }
  }

  @Override
  public void update(String stage, long newDone, long total) {
    if (!isSplit) {
      advanceTo(newDone);
    }
  }

  @Override
  public void bytes(long newDone, long total) {
    if (isSplit) {
      advanceTo(newDone);
    } else if (newDone != readBackBytes) {
      readBackBytes = newDone;
      isWaiting();
    }
  }

  @Override
  public boolean isCancelled() {
    return isCancelled;
  }

  void checkCancelled() {
    if (isCancelled) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the work was cancelled");
    }
  }

  @Override
  public String toString() {
    return (isSplit ? "split " : "shard ") + index;
  }
}
