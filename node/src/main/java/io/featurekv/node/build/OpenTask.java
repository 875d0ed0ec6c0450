package io.featurekv.node.build;

import io.featurekv.loader.SharedBuild;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.WorkOutcome;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.metadata.Command;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of a task whose inputs this node has found, in one session of the node.
 *
 * @param shared what it reads and builds with
 */
record OpenTask(
    BuildContext context, String id, int attempt, String table, long version, SharedBuild shared) {
  private static final Logger LOG = LoggerFactory.getLogger(OpenTask.class);

  /**
   * The build as it is now.
   *
   * @throws FeatureKvException TRY_AGAIN when it is over
   */
  ClusterBuild build() {
    ClusterBuild build = context.building(id, attempt).map(TaskRecord::build).orElse(null);
    if (build == null) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "task " + id + " is over");
    }
    return build;
  }

  boolean isBuilding() {
    return context.building(id, attempt).isPresent();
  }

  ShardFileId shard(int shard) {
    return new ShardFileId(table, version, shard);
  }

  /** Tells that a unit ended with an error. */
  void fail(Unit unit, FeatureKvException error, boolean isDoubtful) {
    WorkOutcome outcome = isDoubtful ? WorkOutcome.DOUBTFUL : outcome(unit, error.code());
    LOG.warn("{} of task {} failed here ({}): {}", unit, id, outcome, error.getMessage());
    SortedSet<Integer> index = new TreeSet<>();
    index.add(unit.index);
    SortedSet<Integer> none = new TreeSet<>();
    try {
      context.proposeFirmly(
          new Command.FailWork(
              id,
              attempt,
              context.nodeId,
              unit.lease.session(),
              unit.isSplit ? index : none,
              unit.isSplit ? none : index,
              error.getMessage(),
              outcome),
          () -> isBuilding() && !unit.isCancelled());
    } catch (FeatureKvException e) {
      LOG.info("that {} failed could not be told: {}", unit, e.getMessage());
    }
  }

  /** Only inputs are to blame for what every builder would meet. */
  private static WorkOutcome outcome(Unit unit, ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, TOO_LARGE, CONFLICT ->
          unit.isSplit ? WorkOutcome.HOPELESS : WorkOutcome.FAILED;
      case INTERNAL,
          PROTOCOL,
          NOT_FOUND,
          UNAVAILABLE,
          TRY_AGAIN,
          DEADLINE,
          UNKNOWN_OUTCOME,
          VERSION_NOT_SERVED,
          SNAPSHOT_GONE,
          WRONG_CLUSTER,
          CORRUPT,
          NO_SPACE,
          EXPIRED ->
          WorkOutcome.FAILED;
    };
  }

  /** Tells that what a node had done is not there. */
  void lose(String nodeId, SortedSet<Integer> splits, SortedSet<Integer> shards, String reason) {
    if (splits.isEmpty() && shards.isEmpty()) {
      return;
    }
    LOG.warn("task {}: splits {} and shards {} of {}: {}", id, splits, shards, nodeId, reason);
    Optional<FeatureKvException> refusal = Optional.empty();
    try {
      context.proposeFirmly(
          new Command.LoseWork(id, attempt, nodeId, splits, shards, reason), this::isBuilding);
    } catch (FeatureKvException e) {
      refusal = Optional.of(e);
    }
    refusal.ifPresent(e -> LOG.info("that could not be told: {}", e.getMessage()));
  }
}
