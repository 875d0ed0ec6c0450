package io.featurekv.node.load;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.storage.SealedShardFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands all files of a build to the nodes that shall have them. A node that fails is tried again
 * and, once the cluster has noticed that it is down, replaced by the next one of the plan.
 */
final class Shipments {
  /** How long the cluster gets to become able to take the files. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How often it is looked whether the load is still wanted. */
  private static final long LOOK_MILLIS = 100;

  private static final String STAGE = "ship";
  private static final Logger LOG = LoggerFactory.getLogger(Shipments.class);

  private final ClusterAdmin admin;
  private final TaskRecord task;
  private final List<SealedShardFile> files;
  private final TaskReporter reporter;
  private final PieceFrames frames = new PieceFrames();
  private final ShipmentWindow window = ShipmentWindow.of(Runtime.getRuntime().maxMemory());
  private final long entries;
  private final AtomicLong shippedBytes = new AtomicLong();

  /** Of files that are where they are to be; counted anew whenever it is decided what is due. */
  private final AtomicLong arrivedEntries = new AtomicLong();

  private volatile long totalBytes;

  private record Delivery(int shard, String node) {}

  private record Failed(Delivery delivery, FeatureKvException error) {}

  private Shipments(
      ClusterAdmin admin, TaskRecord task, List<SealedShardFile> files, TaskReporter reporter) {
    this.admin = admin;
    this.task = task;
    this.files = files;
    this.reporter = reporter;
    this.entries = files.stream().mapToLong(Shipments::entries).sum();
  }

  private static long entries(SealedShardFile file) {
    return file.manifest().entries();
  }

  /** Ships every file to each of its targets; blocks until all have them. */
  static void ship(
      ClusterAdmin admin, TaskRecord task, List<SealedShardFile> files, TaskReporter reporter) {
    new Shipments(admin, task, files, reporter).run();
  }

  private void run() {
    long failingSinceNanos = 0;
    boolean isFailing = false;
    Set<Delivery> delivered = new HashSet<>();
    ClusterMetadata metadata = admin.read().metadata();
    while (true) {
      List<Delivery> due = due(metadata, delivered);
      totalBytes = lengthBytes(delivered) + lengthBytes(due);
      report();
      if (due.isEmpty()) {
        arrivedEntries.set(entries);
        shippedBytes.set(totalBytes);
        report();
        return;
      }
      List<Failed> failed = attempt(due, delivered);
      if (failed.isEmpty()) {
        continue;
      }
      if (!isFailing || failed.size() < due.size()) {
        isFailing = true;
        failingSinceNanos = System.nanoTime();
      }
      FeatureKvException error = failed.getFirst().error();
      boolean isHopeless =
          error.code() == ErrorCode.CONFLICT
              || error.code() == ErrorCode.NO_SPACE
              || System.nanoTime() - failingSinceNanos > PATIENCE.toNanos()
              || reporter.isCancelled();
      if (isHopeless) {
        throw error;
      }
      LOG.warn("{}; trying again", error.getMessage());
      metadata = newerThan(metadata);
    }
  }

  private long lengthBytes(Collection<Delivery> deliveries) {
    return deliveries.stream()
        .mapToLong(delivery -> files.get(delivery.shard()).manifest().lengthBytes())
        .sum();
  }

  /** Each file to its first target before any to its second: one is enough to read from. */
  private List<Delivery> due(ClusterMetadata metadata, Set<Delivery> delivered) {
    List<Delivery> first = new ArrayList<>();
    List<Delivery> further = new ArrayList<>();
    for (int shard = 0; shard < files.size(); shard++) {
      List<String> targets = ShipmentPlan.targets(metadata, task.table(), shard);
      if (targets.isEmpty()) {
        throw new FeatureKvException(
            ErrorCode.UNAVAILABLE,
            "no serving node is up to take shard " + shard + " of " + task.table());
      }
      first.add(new Delivery(shard, targets.getFirst()));
      for (String node : targets.subList(1, targets.size())) {
        further.add(new Delivery(shard, node));
      }
    }
    List<Delivery> due = new ArrayList<>(first);
    due.addAll(further);
    due.removeAll(delivered);
    return due;
  }

  /** Ships what is due; returns what failed. */
  private List<Failed> attempt(List<Delivery> due, Set<Delivery> delivered) {
    Map<Integer, AtomicInteger> missing = missing(due);
    ExecutorService pool =
        Executors.newFixedThreadPool(
            window.files(), Thread.ofPlatform().name("ship-", 0).daemon().factory());
    try {
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (Delivery delivery : due) {
        running.add(CompletableFuture.runAsync(() -> ship(delivery, missing), pool));
      }
      List<Failed> failed = new ArrayList<>();
      for (int i = 0; i < due.size(); i++) {
        Delivery delivery = due.get(i);
        awaitEnd(running.get(i))
            .ifPresentOrElse(
                error -> failed.add(new Failed(delivery, error)), () -> delivered.add(delivery));
      }
      return failed;
    } finally {
      pool.shutdownNow();
    }
  }

  /**
   * Waits for one delivery; returns why it failed, if it did.
   *
   * @throws FeatureKvException TRY_AGAIN as soon as nobody wants the load any more
   */
  private Optional<FeatureKvException> awaitEnd(CompletableFuture<Void> delivery) {
    while (true) {
      try {
        delivery.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return Optional.empty();
      } catch (TimeoutException e) {
        checkWanted();
      } catch (ExecutionException e) {
        return Optional.of(FeatureKvException.from(e.getCause() == null ? e : e.getCause()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FeatureKvException(ErrorCode.TRY_AGAIN, "shipping was interrupted", e);
      }
    }
  }

  /** To how many nodes the file of each shard has to go; shards that arrived count from now on. */
  private Map<Integer, AtomicInteger> missing(List<Delivery> due) {
    Map<Integer, AtomicInteger> missing = new HashMap<>();
    for (Delivery delivery : due) {
      missing.computeIfAbsent(delivery.shard(), shard -> new AtomicInteger()).incrementAndGet();
    }
    long onTheirWay = missing.keySet().stream().mapToLong(shard -> entries(files.get(shard))).sum();
    arrivedEntries.set(entries - onTheirWay);
    return missing;
  }

  private void ship(Delivery delivery, Map<Integer, AtomicInteger> missing) {
    SealedShardFile file = files.get(delivery.shard());
    new FileShipment(admin.peers(), delivery.node(), file, task.attempt(), frames, window.pieces())
        .handOver(this::onShipped, this::checkWanted);
    AtomicInteger left = missing.get(delivery.shard());
    if (left != null && left.decrementAndGet() == 0) {
      arrivedEntries.addAndGet(entries(file));
      report();
    }
  }

  private void checkWanted() {
    if (reporter.isCancelled()) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "shipping was cancelled");
    }
  }

  private void onShipped(long bytes) {
    shippedBytes.addAndGet(bytes);
    report();
  }

  private void report() {
    long shipped = shippedBytes.get();
    reporter.update(STAGE, arrivedEntries.get(), entries);
    reporter.bytes(shipped, Math.max(shipped, totalBytes));
  }

  /** The metadata after the next change, or as it is after a moment. */
  private ClusterMetadata newerThan(ClusterMetadata metadata) {
    try {
      return admin.await(now -> now.index() > metadata.index(), Duration.ofSeconds(1));
    } catch (FeatureKvException e) {
      LOG.debug("no change yet: {}", e.getMessage());
      return admin.lastSeen();
    }
  }
}
