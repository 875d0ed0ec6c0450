package io.featurekv.loader;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Collects how far the threads of one stage are, passes it on to the one who watches from the
 * thread that waits for them, and tells them to stop when one of them failed or the watcher wants
 * no more. Thread-safe.
 */
final class BuildProgressMeter {
  private static final long REPORT_MILLIS = 100;

  /** A reader that was interrupted and does not end for so long waits for its input. */
  private static final long STUCK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String stage;
  private final long total;
  private final long totalBytes;
  private final BuildProgress watcher;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong doneBytes = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * A meter.
   *
   * @param total rows or entries, -1 where not known
   * @param totalBytes -1 where not known
   */
  BuildProgressMeter(String stage, long total, long totalBytes, BuildProgress watcher) {
    this.stage = stage;
    this.total = total;
    this.totalBytes = totalBytes;
    this.watcher = watcher;
  }

  /** So many more were done; throws when the stage is to stop. */
  void add(long count, long bytes) {
    done.addAndGet(count);
    doneBytes.addAndGet(bytes);
    if (isStopped()) {
      throw cancelled();
    }
  }

  long done() {
    return done.get();
  }

  /** Lets all threads of the stage stop; the first reason stands. */
  void stop(Throwable reason) {
    failure.compareAndSet(null, reason);
  }

  boolean isStopped() {
    return failure.get() != null;
  }

  /** What a thread ends with that only does so because the stage is to stop. */
  FeatureKvException cancelled() {
    return new FeatureKvException(ErrorCode.TRY_AGAIN, "the build was cancelled");
  }

  /** Waits for a thread and reports meanwhile; throws the first failure of the stage at once. */
  <T> T await(Future<T> future) {
    while (true) {
      try {
        T result = future.get(REPORT_MILLIS, TimeUnit.MILLISECONDS);
        throwFailure();
        report();
        return result;
      } catch (TimeoutException e) {
        report();
        // Not only once the thread has ended: it may wait for an input that brings nothing.
        throwFailure();
      } catch (InterruptedException e) {
        stop(new FeatureKvException(ErrorCode.TRY_AGAIN, "the build was interrupted", e));
        Thread.currentThread().interrupt();
        throwFailure();
      } catch (ExecutionException e) {
        stop(e.getCause() == null ? e : e.getCause());
        tell(total, totalBytes);
        throwFailure();
      }
    }
  }

  private void throwFailure() {
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (first != null) {
      throw new IllegalStateException(first);
    }
  }

  /** Reports from the calling thread; lets the stage stop where the watcher wants no more. */
  void report() {
    tell(total, totalBytes);
    if (watcher.isCancelled()) {
      stop(cancelled());
    }
  }

  private void tell(long toTell, long bytesToTell) {
    watcher.update(stage, done.get(), toTell);
    watcher.bytes(doneBytes.get(), bytesToTell);
  }

  /** Reports that all was done; throws the first failure of the stage. */
  void finish() {
    tell(done.get(), doneBytes.get());
    if (watcher.isCancelled()) {
      stop(cancelled());
    }
    throwFailure();
  }

  /** Waits until no thread of a pool is left. */
  static void end(ExecutorService threads) {
    end(threads, Long.MAX_VALUE);
  }

  /**
   * The same for threads that may wait for an input which never brings anything: those that still
   * do so after a while are left behind, to end as soon as something comes.
   */
  static void endReaders(ExecutorService threads) {
    end(threads, STUCK_AFTER_NANOS);
  }

  /** Waits until a pool has done all it was given. */
  static void drain(ExecutorService threads) {
    threads.shutdown();
    awaitEnd(threads, Long.MAX_VALUE);
  }

  private static void end(ExecutorService threads, long patienceNanos) {
    threads.shutdownNow();
    awaitEnd(threads, patienceNanos);
  }

  private static void awaitEnd(ExecutorService threads, long patienceNanos) {
    boolean interrupted = false;
    boolean ended = false;
    long startNanos = System.nanoTime();
    while (!ended) {
      long left = patienceNanos - (System.nanoTime() - startNanos);
      try {
        ended = threads.awaitTermination(left, TimeUnit.NANOSECONDS) || left <= 0;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
