package io.featurekv.chaos;

import io.featurekv.client.BatchResult;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.client.KeyStatus;
import io.featurekv.loader.GeneratedEntries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads batches of 200 generated keys, a few of them absent, as fast as it can, and checks every
 * answer: the value of a key is a function of the version that the reply names, so that a mixed
 * batch shows.
 */
final class CheckingReader implements AutoCloseable {
  static final int BATCH_KEYS = 200;
  private static final int MAX_COMPLAINTS = 20;

  private final FeatureKvClient client;
  private final String table;
  private final int entries;
  private final int valueBytes;
  private final Random random;
  private final Thread thread;
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong slowestNanos = new AtomicLong();
  private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
  private final Map<Long, AtomicLong> batchesByVersion = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  CheckingReader(List<String> endpoints, String table, int entries, int valueBytes, long seed) {
    this.client =
        FeatureKvClient.connect(
            ClientConfig.of(String.join(",", endpoints)).withTimeout(Duration.ofSeconds(5)));
    this.table = table;
    this.entries = entries;
    this.valueBytes = valueBytes;
    this.random = new Random(seed);
    this.thread = new Thread(this::loop, "checking-reader");
    thread.start();
  }

  private void loop() {
    while (!stopped) {
      long[] wanted = new long[BATCH_KEYS];
      List<byte[]> keys = new ArrayList<>(BATCH_KEYS);
      for (int i = 0; i < BATCH_KEYS; i++) {
        boolean absent = random.nextInt(20) == 0;
        wanted[i] = random.nextInt(entries) + (absent ? GeneratedEntries.FIRST_ABSENT : 0);
        keys.add(GeneratedEntries.keyBytes(wanted[i]));
      }
      long start = System.nanoTime();
      try {
        check(wanted, client.batchGet(table, keys).join());
      } catch (RuntimeException e) {
        complain("batch failed: " + e);
      }
      slowestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
      batches.incrementAndGet();
    }
  }

  private void check(long[] wanted, BatchResult result) {
    batchesByVersion.computeIfAbsent(result.version(), v -> new AtomicLong()).incrementAndGet();
    GeneratedEntries expected =
        GeneratedEntries.parse(
            "generate:" + entries + "?valueBytes=" + valueBytes + "&version=" + result.version());
    for (int i = 0; i < wanted.length; i++) {
      boolean isThere = wanted[i] < GeneratedEntries.FIRST_ABSENT;
      KeyStatus status = result.status(i);
      if (status != (isThere ? KeyStatus.FOUND : KeyStatus.ABSENT)) {
        complain(
            "version "
                + result.version()
                + ", entry "
                + wanted[i]
                + ": "
                + status
                + " "
                + result.error(i));
      } else if (isThere && !Arrays.equals(result.value(i), expected.value(wanted[i]))) {
        complain("entry " + wanted[i] + " has not the value of version " + result.version());
      }
    }
  }

  private void complain(String what) {
    if (complaints.size() < MAX_COMPLAINTS) {
      complaints.add(what);
    }
  }

  long batches() {
    return batches.get();
  }

  Map<Long, AtomicLong> batchesByVersion() {
    return batchesByVersion;
  }

  double slowestMillis() {
    return slowestNanos.get() / 1e6;
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
