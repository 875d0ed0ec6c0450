package io.featurekv.metadata.raft;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.MetadataChange;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.metadata.UnsupportedMetadataException;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies log entries to the metadata.
 *
 * <p>Invariants: {@code state} is what all entries up to the last applied one make of the empty
 * state, and is only changed on Ratis' applying thread; starting a transaction changes nothing;
 * applying one reads neither clock nor disk. An entry that cannot be read ends the server, because
 * skipping it would make this voter differ from the others.
 */
final class MetadataStateMachine extends BaseStateMachine {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataStateMachine.class);

  private final SnapshotStorage storage = new SnapshotStorage();
  private final Consumer<MetadataChange> onChange;
  private final Consumer<ClusterMetadata> onSnapshot;
  private final Consumer<String> onFailure;
  private volatile ClusterMetadata state = ClusterMetadata.empty();

  MetadataStateMachine(
      Consumer<MetadataChange> onChange,
      Consumer<ClusterMetadata> onSnapshot,
      Consumer<String> onFailure) {
    this.onChange = onChange;
    this.onSnapshot = onSnapshot;
    this.onFailure = onFailure;
  }

  ClusterMetadata state() {
    return state;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage)
      throws IOException {
    super.initialize(server, groupId, raftStorage);
    getLifeCycle()
        .startAndTransition(
            () -> {
              storage.init(raftStorage);
              load();
            },
            Exception.class);
  }

  private void load() throws IOException {
    ClusterMetadata loaded = storage.load();
    SnapshotInfo snapshot = storage.getLatestSnapshot();
    if (loaded != null && snapshot != null) {
      state = loaded;
      setLastAppliedTermIndex(snapshot.getTermIndex());
      // Before any entry is applied: what comes then follows on this state and on no older one.
      tell(() -> onSnapshot.accept(loaded));
    }
  }

  @Override
  public void pause() {
    if (getLifeCycleState() == LifeCycle.State.RUNNING) {
      getLifeCycle().transition(LifeCycle.State.PAUSING);
      getLifeCycle().transition(LifeCycle.State.PAUSED);
    }
  }

  @Override
  public void reinitialize() throws IOException {
    try {
      Failpoint.SNAPSHOT_BEFORE_INSTALL.hitWriting();
      load();
      storage.forceLatest();
    } catch (IOException | RuntimeException e) {
      onFailure.accept("the metadata snapshot that the leader sent cannot be loaded: " + e);
      throw e;
    }
    if (getLifeCycleState() == LifeCycle.State.PAUSED) {
      getLifeCycle().transition(LifeCycle.State.STARTING);
      getLifeCycle().transition(LifeCycle.State.RUNNING);
    }
  }

  /** A listener's fault must not end the server. */
  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      LOG.error("A listener of metadata changes failed", e);
    }
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return storage;
  }

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    return storage.getLatestSnapshot();
  }

  @Override
  public long takeSnapshot() throws IOException {
    TermIndex at = getLastAppliedTermIndex();
    if (getLifeCycleState() != LifeCycle.State.RUNNING || at.getIndex() < 0) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    storage.save(at, state);
    return at.getIndex();
  }

  /** Keeps out of the log what its readers could not apply; has no side effects. */
  @Override
  public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
    TransactionContext transaction = super.startTransaction(request);
    ByteString content = request.getMessage().getContent();
    try {
      if (content.size() > RaftSettings.MAX_COMMAND_BYTES) {
        throw new FeatureKvException(
            ErrorCode.TOO_LARGE,
            "a metadata command of "
                + content.size()
                + " bytes, at most "
                + RaftSettings.MAX_COMMAND_BYTES
                + " are allowed");
      }
      MetadataCodec.decodeCommand(content.toByteArray());
    } catch (FeatureKvException | UnsupportedMetadataException e) {
      transaction.setException(e);
    }
    return transaction;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    byte[] bytes = transaction.getStateMachineLogEntry().getLogData().toByteArray();
    CommandEnvelope envelope;
    try {
      envelope = MetadataCodec.decodeCommand(bytes);
    } catch (FeatureKvException | UnsupportedMetadataException e) {
      onFailure.accept(
          "the metadata log entry " + entry.getIndex() + " cannot be applied: " + e.getMessage());
      throw e;
    }
    hitBefore(envelope.command());
    Applied applied = state.apply(envelope, entry.getIndex());
    state = applied.metadata();
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    if (envelope.command() instanceof Command.Rollback) {
      Failpoint.ROLLBACK_AFTER_APPLY.hit();
    }
    tell(() -> onChange.accept(new MetadataChange(bytes, applied.metadata())));
    return CompletableFuture.completedFuture(
        Message.valueOf(ByteString.copyFrom(MetadataCodec.encodeResult(applied.result()))));
  }

  private static void hitBefore(Command command) {
    switch (command) {
      case Command.SealVersion seal -> Failpoint.SEAL_BEFORE_APPLY.hit();
      case Command.SealBuild seal -> Failpoint.SEAL_BEFORE_APPLY.hit();
      case Command.ActivateVersion activate -> Failpoint.ACTIVATE_BEFORE_APPLY.hit();
      case Command.Rollback rollback -> Failpoint.ROLLBACK_BEFORE_APPLY.hit();
      default -> {}
    }
  }

  /** Whoever asks only wants to know that everything committed before has been applied here. */
  @Override
  public CompletableFuture<Message> query(Message request) {
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
    onFailure.accept(
        "the Raft log could not be written"
            + (failedEntry == null ? "" : " at index " + failedEntry.getIndex())
            + ": "
            + cause);
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto roleInfo, boolean allServer) {
    onFailure.accept("the Raft server was shut down, or this node was removed from the voters");
  }

  /**
   * Also the only sign that Ratis ended a server because of a fault that it does not tell
   * otherwise.
   */
  @Override
  public void close() {
    getLifeCycle().checkStateAndClose();
    onFailure.accept("the Raft server ended itself because its log or its state could not be kept");
  }
}
