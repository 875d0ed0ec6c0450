package io.featurekv.chaos.soak;

import io.featurekv.chaos.soak.History.Operation;
import io.featurekv.chaos.soak.History.Outcome;
import io.featurekv.client.BatchResult;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.client.KeyStatus;
import io.featurekv.client.ReadOptions;
import io.featurekv.model.FeatureKvException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client session that reads batches without a pause but for a short one, absent keys included,
 * and holds every reply against what the version that it names must have (I2, I4).
 */
final class ProvingReader implements AutoCloseable {
  private static final int BATCH_KEYS = 30;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** How long the metadata may take to tell of a version that has been read already. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String name;
  private final FeatureKvClient client;
  private final Profile profile;
  private final MetadataWatch watch;
  private final Runnable refresh;
  private final History history;
  private final Checks checks;
  private final Random random;
  private final Map<String, List<Long>> seen = new HashMap<>();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong proved = new AtomicLong();
  private final Thread thread;
  private volatile boolean isStopped;

  /**
   * Begins to read.
   *
   * @param refresh makes the watch learn versions that it does not know yet
   */
  ProvingReader(
      String name,
      List<String> endpoints,
      Profile profile,
      MetadataWatch watch,
      Runnable refresh,
      History history,
      Checks checks,
      long seed) {
    this.name = name;
    this.client =
        FeatureKvClient.connect(ClientConfig.of(String.join(",", endpoints)).withTimeout(TIMEOUT));
    this.profile = profile;
    this.watch = watch;
    this.refresh = refresh;
    this.history = history;
    this.checks = checks;
    this.random = new Random(seed);
    this.thread = Thread.ofPlatform().name(name).start(this::loop);
  }

  private void loop() {
    while (!isStopped) {
      ProvingEntries table = profile.tables().get(random.nextInt(profile.tables().size()));
      try {
        read(table);
        Thread.sleep(profile.readPause());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        checks.broken(name, e);
      }
    }
  }

  private void read(ProvingEntries table) throws InterruptedException {
    long[] entries = new long[BATCH_KEYS];
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < BATCH_KEYS; i++) {
      // About a tenth is in no version.
      entries[i] = random.nextInt(table.entries() * 11 / 10);
      keys.add(ProvingEntries.key(entries[i]));
    }
    long start = System.nanoTime();
    BatchResult result;
    try {
      result = client.batchGet(table.table(), keys).join();
    } catch (RuntimeException e) {
      FeatureKvException error = FeatureKvException.from(e);
      String what = error.code() + ": " + error.getMessage();
      history.read(operation(table, start, System.nanoTime(), Outcome.REFUSED, 0, what));
      return;
    }
    long end = System.nanoTime();
    List<Long> versions = seen.computeIfAbsent(table.table(), t -> new ArrayList<>());
    if (versions.isEmpty() || versions.getLast() != result.version()) {
      versions.add(result.version());
    }
    history.read(operation(table, start, end, Outcome.OK, result.version(), ""));
    int keysProved = prove(table, entries, result);
    proved.addAndGet(keysProved);
    if (keysProved > 0) {
      answered.incrementAndGet();
    }
  }

  private Operation operation(
      ProvingEntries table, long start, long end, Outcome outcome, long version, String detail) {
    return new Operation("read", name, table.table(), start, end, outcome, version, detail);
  }

  /** Every key of a reply is what its version has, or FAILED; returns how many did not fail. */
  private int prove(ProvingEntries table, long[] entries, BatchResult result)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!watch.versions().isReadable(table.table(), result.version())
        && System.nanoTime() - end < 0) {
      refresh.run();
      Thread.sleep(profile.readPause());
    }
    return prove(table, watch.versions(), entries, result, checks);
  }

  /** A reply that cannot even be looked at is as wrong as one with another value. */
  private static int prove(
      ProvingEntries table,
      KnownVersions versions,
      long[] entries,
      BatchResult result,
      Checks checks) {
    try {
      return compare(table, versions, entries, result, checks);
    } catch (RuntimeException e) {
      checks.violated(
          2, "a reply of version " + result.version() + " of " + table.table() + ": " + e);
      return 0;
    }
  }

  private static int compare(
      ProvingEntries table,
      KnownVersions versions,
      long[] entries,
      BatchResult result,
      Checks checks) {
    int compared = 0;
    for (int i = 0; i < entries.length; i++) {
      KeyStatus status = result.status(i);
      if (status == KeyStatus.FAILED) {
        continue;
      }
      long entry = entries[i];
      Optional<String> stamp;
      try {
        stamp = table.stampOf(versions, result.version(), entry);
      } catch (IllegalStateException e) {
        checks.violated(2, "a reply names a version that nobody made: " + e.getMessage());
        return compared;
      }
      byte[] expected = stamp.map(writer -> table.value(writer, entry)).orElse(null);
      byte[] actual = result.value(i);
      if (!Arrays.equals(expected, actual)) {
        checks.violated(
            2,
            "version "
                + result.version()
                + " of "
                + table.table()
                + ", entry "
                + entry
                + ": expected "
                + text(expected)
                + ", got "
                + text(actual));
      }
      compared++;
    }
    return compared;
  }

  private static String text(byte[] value) {
    String text = value == null ? "ABSENT" : new String(value, StandardCharsets.UTF_8);
    return text.length() > 80 ? text.substring(0, 60) + "..." : text;
  }

  /** Batches that were answered and had a key at least that did not fail. */
  long answered() {
    return answered.get();
  }

  /** Keys held against what their version must have. */
  long proved() {
    return proved.get();
  }

  /**
   * Reads all of a version.
   *
   * @throws FeatureKvException where it cannot be read, a single key included
   */
  static void proveAll(
      FeatureKvClient client,
      ProvingEntries table,
      long version,
      KnownVersions versions,
      Checks checks) {
    long[] entries = new long[table.entries() + 10];
    List<byte[]> keys = new ArrayList<>();
    for (int entry = 0; entry < entries.length; entry++) {
      entries[entry] = entry;
      keys.add(ProvingEntries.key(entry));
    }
    ReadOptions options = new ReadOptions(version, Duration.ofSeconds(20)).withAllowPartial(false);
    BatchResult result;
    try {
      result = client.batchGet(table.table(), keys, options).join();
    } catch (RuntimeException e) {
      throw FeatureKvException.from(e);
    }
    prove(table, versions, entries, result, checks);
  }

  /** Stops reading; then says what cannot be explained by what was active when. */
  void finish() {
    isStopped = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    seen.forEach(
        (table, versions) -> {
          // Reads of a sect on trial and of the others see two versions in turn.
          if (!table.equals(Profile.TRIAL)) {
            SessionOrder.unexplained(versions, watch.turns(table))
                .ifPresent(what -> checks.violated(3, name + " reading " + table + " saw " + what));
          }
        });
  }

  @Override
  public void close() {
    isStopped = true;
    thread.interrupt();
    client.close();
  }
}
