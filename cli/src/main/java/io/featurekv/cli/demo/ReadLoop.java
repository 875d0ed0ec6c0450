package io.featurekv.cli.demo;

import io.featurekv.cli.read.ClusterReader;
import io.featurekv.cli.read.ClusterReader.Batch;
import io.featurekv.cli.read.Reading;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A reader that goes on all the time: batches of random keys from the tables in turn, on a thread
 * of its own. Every value is checked against the version that the reply names, so a batch that
 * mixes versions is noticed.
 */
final class ReadLoop implements AutoCloseable {
  static final int BATCH_KEYS = 200;

  /** So that the reader leaves a machine of two cores something for the work that it watches. */
  private static final long PAUSE_NANOS = 2_000_000;

  private final ClusterReader reader;
  private final List<String> tables;
  private final DemoEntries data;
  private final SplittableRandom random = new SplittableRandom(1);
  private final Thread thread =
      Thread.ofPlatform().name("demo-reader").daemon().unstarted(this::run);
  private final Object lock = new Object();
  private volatile boolean isStopped;
  private Figures figures = Figures.NONE;
  private final Map<String, Sighting> newest = new HashMap<>();
  private String firstProblem = "";

  /** When a version of a table was first answered after another one. */
  record Sighting(long version, long atMillis) {}

  /**
   * What the loop has seen since it was last asked.
   *
   * @param failed batches that threw or had a FAILED or ABSENT key
   * @param mixed batches with a value that is not the named version's
   * @param latencyMicros of each batch
   */
  record Figures(long batches, long failed, long mixed, int[] latencyMicros) {
    static final Figures NONE = new Figures(0, 0, 0, new int[0]);

    /** The latency in milliseconds that this share of the batches stayed within. */
    double latencyMillis(double share) {
      if (latencyMicros.length == 0) {
        return 0;
      }
      int[] sorted = latencyMicros.clone();
      Arrays.sort(sorted);
      return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))] / 1000.0;
    }

    private Figures plus(boolean isFailed, boolean isMixed, int micros) {
      int count = (int) batches;
      int[] grown =
          count < latencyMicros.length
              ? latencyMicros
              : Arrays.copyOf(latencyMicros, Math.max(1024, count * 2));
      grown[count] = micros;
      return new Figures(
          batches + 1, failed + (isFailed ? 1 : 0), mixed + (isMixed ? 1 : 0), grown);
    }
  }

  ReadLoop(ClusterReader reader, List<String> tables, DemoEntries data) {
    this.reader = reader;
    this.tables = List.copyOf(tables);
    this.data = data;
  }

  void start() {
    thread.start();
  }

  /** The figures since the last call; the next ones begin at zero. */
  Figures take() {
    synchronized (lock) {
      Figures taken = figures;
      figures = Figures.NONE;
      return new Figures(
          taken.batches(),
          taken.failed(),
          taken.mixed(),
          Arrays.copyOf(taken.latencyMicros(), (int) taken.batches()));
    }
  }

  /** The version that the table's last answer was of, and since when; null before the first. */
  @Nullable Sighting sighting(String table) {
    synchronized (lock) {
      return newest.get(table);
    }
  }

  /** The first thing that went wrong, empty when nothing did. */
  String firstProblem() {
    synchronized (lock) {
      return firstProblem;
    }
  }

  private void run() {
    for (int turn = 0; !isStopped; turn++) {
      String table = tables.get(turn % tables.size());
      long[] entries = random.longs(BATCH_KEYS, 0, data.count()).toArray();
      List<byte[]> keys = new ArrayList<>(BATCH_KEYS);
      for (long entry : entries) {
        keys.add(data.key(entry));
      }
      long startNanos = System.nanoTime();
      try {
        Batch batch = reader.get(table, 0, keys);
        record(batch, table, entries, (System.nanoTime() - startNanos) / 1000);
      } catch (FeatureKvException e) {
        if (!isStopped) {
          count(true, false, 0, table + ": " + e.getMessage());
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void record(Batch batch, String table, long[] entries, long micros) {
    sight(table, batch.version());
    boolean isFailed = false;
    boolean isMixed = false;
    String problem = "";
    for (int i = 0; i < entries.length; i++) {
      Reading reading = batch.readings().get(i);
      switch (reading.status()) {
        case FOUND -> {
          if (!data.isValue(batch.version(), entries[i], reading.value())) {
            isMixed = true;
            problem = table + ": a value is not of version " + batch.version();
          }
        }
        case ABSENT -> {
          isFailed = true;
          problem = table + ": a key is ABSENT in version " + batch.version();
        }
        case FAILED -> {
          isFailed = true;
          problem = table + ": " + reading.error();
        }
      }
    }
    count(isFailed, isMixed, (int) Math.min(Integer.MAX_VALUE, micros), problem);
  }

  private void sight(String table, long version) {
    synchronized (lock) {
      Sighting last = newest.get(table);
      if (last == null || last.version() != version) {
        newest.put(table, new Sighting(version, System.currentTimeMillis()));
      }
    }
  }

  private void count(boolean isFailed, boolean isMixed, int micros, String problem) {
    synchronized (lock) {
      figures = figures.plus(isFailed, isMixed, micros);
      if (firstProblem.isEmpty()) {
        firstProblem = problem;
      }
    }
  }

  @Override
  public void close() {
    isStopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
