package io.featurekv.node;

import io.featurekv.node.background.BackgroundThreads;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The thread pools of a node; each is bounded in threads and in what may wait. */
final class Pools {
  /** Reads that may wait for a thread before further ones get TRY_AGAIN. */
  static final int MAX_WAITING_READS = 1_024;

  /** Pieces (of 4 MiB at most) that may wait for the disk. */
  static final int MAX_WAITING_UPLOADS = 64;

  private static final int UPLOAD_THREADS = 2;
  private static final int MIN_READ_THREADS = 4;
  private static final int STOP_SECONDS = 5;

  private Pools() {}

  static ExecutorService reads() {
    int threads = Math.max(MIN_READ_THREADS, 2 * Runtime.getRuntime().availableProcessors());
    return bounded(
        Thread.ofPlatform().name("read-", 0).daemon().factory(), threads, MAX_WAITING_READS);
  }

  static ExecutorService uploads() {
    return bounded(BackgroundThreads.named("upload-"), UPLOAD_THREADS, MAX_WAITING_UPLOADS);
  }

  static ExecutorService single(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).daemon().factory());
  }

  private static ExecutorService bounded(ThreadFactory factory, int threads, int waiting) {
    return new ThreadPoolExecutor(
        threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), factory);
  }

  static void stop(ExecutorService pool) {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
