package io.featurekv.node.build;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Peers;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.shipping.FileStore;
import io.featurekv.storage.SealedShardFile;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/** What the parts of a builder meet outside of themselves. Thread-safe. */
final class BuildContext {
  private static final long PROPOSAL_TIMEOUT_MILLIS = 10_000;
  private static final long PAUSE_MILLIS = 200;

  final String nodeId;
  final MetadataFeed feed;
  final Proposer proposer;
  final Peers peers;
  final AtomicLong session;
  final FileStore store;
  final BuildDirectories directories;
  final BuildSettings settings;
  final BuildStages stages;
  final RunShelf shelf;
  final IntConsumer pace;

  /** Files that were built in this session and are where they were built. */
  final Map<ShardFileId, SealedShardFile> built = new ConcurrentHashMap<>();

  BuildContext(
      String nodeId,
      MetadataFeed feed,
      Proposer proposer,
      Peers peers,
      AtomicLong session,
      FileStore store,
      BuildDirectories directories,
      BuildSettings settings,
      BuildStages stages,
      RunShelf shelf,
      IntConsumer pace) {
    this.nodeId = nodeId;
    this.feed = feed;
    this.proposer = proposer;
    this.peers = peers;
    this.session = session;
    this.store = store;
    this.directories = directories;
    this.settings = settings;
    this.stages = stages;
    this.shelf = shelf;
    this.pace = pace;
  }

  ClusterMetadata metadata() {
    return feed.current();
  }

  /** The task as it is now, if it is still being built in that attempt. */
  Optional<TaskRecord> building(String taskId, int attempt) {
    return Optional.ofNullable(metadata().tasks().get(taskId))
        .filter(
            task ->
                task.attempt() == attempt
                    && task.state() == TaskState.BUILDING
                    && task.build() != null);
  }

  CompletableFuture<CommandResult> propose(Command command) {
    return proposer.propose(command, PROPOSAL_TIMEOUT_MILLIS);
  }

  /**
   * Proposes until it is known what became of it; for commands that can be repeated.
   *
   * @param isWanted asked before every further try
   * @throws FeatureKvException the refusal, or TRY_AGAIN when it is no longer wanted
   */
  CommandResult proposeFirmly(Command command, BooleanSupplier isWanted) {
    while (true) {
      FeatureKvException error;
      try {
        CommandResult result = propose(command).join();
        if (result.error() != ErrorCode.TRY_AGAIN) {
          return result.orThrow();
        }
        error = new FeatureKvException(ErrorCode.TRY_AGAIN, result.message());
      } catch (RuntimeException e) {
        error = FeatureKvException.from(e);
        if (!mayPass(error.code())) {
          throw error;
        }
      }
      if (!isWanted.getAsBoolean()) {
        throw error;
      }
      pause();
    }
  }

  static boolean mayPass(ErrorCode code) {
    return code == ErrorCode.TRY_AGAIN
        || code == ErrorCode.UNKNOWN_OUTCOME
        || code == ErrorCode.UNAVAILABLE
        || code == ErrorCode.DEADLINE;
  }

  /** Waits for a moment before something is tried again. */
  static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the work was interrupted", e);
    }
  }
}
