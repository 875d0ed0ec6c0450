package io.featurekv.node.load;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.storage.SealedShardFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands all files of a build to the nodes that shall have them. A node that fails is tried again
 * and, once the cluster has noticed that it is down, replaced by the next one of the plan.
 */
final class Shipments {
  /** Files under way at once. */
  static final int PARALLEL_FILES = 2;

  /** How long the cluster gets to become able to take the files. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(Shipments.class);

  private final ClusterAdmin admin;
  private final TaskRecord task;
  private final List<SealedShardFile> files;
  private final TaskReporter reporter;
  private final PieceFrames frames = new PieceFrames();
  private final AtomicLong shippedBytes = new AtomicLong();
  private final long totalBytes;

  private record Delivery(int shard, String node) {}

  private record Failed(Delivery delivery, FeatureKvException error) {}

  private Shipments(
      ClusterAdmin admin, TaskRecord task, List<SealedShardFile> files, TaskReporter reporter) {
    this.admin = admin;
    this.task = task;
    this.files = files;
    this.reporter = reporter;
    this.totalBytes = files.stream().mapToLong(file -> file.manifest().lengthBytes()).sum();
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
      if (due.isEmpty()) {
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
    ExecutorService pool =
        Executors.newFixedThreadPool(
            PARALLEL_FILES, Thread.ofPlatform().name("ship-", 0).daemon().factory());
    try {
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (Delivery delivery : due) {
        running.add(
            CompletableFuture.runAsync(
                () ->
                    new FileShipment(
                            admin.peers(),
                            delivery.node(),
                            files.get(delivery.shard()),
                            task.attempt(),
                            frames)
                        .handOver(this::onShipped),
                pool));
      }
      List<Failed> failed = new ArrayList<>();
      for (int i = 0; i < due.size(); i++) {
        try {
          running.get(i).join();
          delivered.add(due.get(i));
        } catch (RuntimeException e) {
          failed.add(new Failed(due.get(i), FeatureKvException.from(e)));
        }
      }
      return failed;
    } finally {
      pool.shutdownNow();
    }
  }

  private void onShipped(long bytes) {
    long sum = shippedBytes.addAndGet(bytes);
    reporter.update("ship", sum, Math.max(sum, totalBytes));
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
