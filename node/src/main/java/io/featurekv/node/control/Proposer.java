package io.featurekv.node.control;

import io.featurekv.client.transport.Connection;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.wire.Proposal;
import io.featurekv.protocol.FrameType;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Brings commands to the Raft group: through this node's voter, or through another node that is
 * one.
 */
public final class Proposer {
  private final Supplier<Optional<MetadataVoter>> localVoter;
  private final Peers peers;
  private final AtomicLong highestIndex = new AtomicLong();

  /** {@code localVoter} is empty while this node takes no part in the group. */
  public Proposer(Supplier<Optional<MetadataVoter>> localVoter, Peers peers) {
    this.localVoter = localVoter;
    this.peers = peers;
  }

  /** Proposes a command of this node's own under a fresh operation id. */
  public CompletableFuture<CommandResult> propose(Command command, long timeoutMillis) {
    long nowMillis = System.currentTimeMillis();
    CommandEnvelope envelope =
        new CommandEnvelope(OperationIds.next(nowMillis), nowMillis, command);
    return propose(envelope, MetadataCodec.encodeCommand(envelope), timeoutMillis, true);
  }

  /**
   * Proposes an envelope.
   *
   * @param mayForward whether a node that is no voter passes it on
   * @return the result, or TRY_AGAIN when nobody took it, or UNKNOWN_OUTCOME when somebody may have
   */
  public CompletableFuture<CommandResult> propose(
      CommandEnvelope envelope, byte[] encoded, long timeoutMillis, boolean mayForward) {
    return bring(envelope, encoded, timeoutMillis, mayForward)
        .whenComplete(
            (result, _) -> {
              if (result != null) {
                highestIndex.accumulateAndGet(result.index(), Math::max);
              }
            });
  }

  /** The log is known to reach this index, whether this node has come so far or not. */
  public long highestIndex() {
    return highestIndex.get();
  }

  private CompletableFuture<CommandResult> bring(
      CommandEnvelope envelope, byte[] encoded, long timeoutMillis, boolean mayForward) {
    Optional<MetadataVoter> voter = localVoter.get();
    if (voter.isPresent()) {
      return voter.get().propose(envelope, timeoutMillis);
    }
    if (!mayForward) {
      return noVoter("this node takes no part in the metadata group");
    }
    return new Forwarding(encoded, timeoutMillis, peers.otherVoters()).next("no voter is known");
  }

  /** A proposal on its way from voter to voter, until one of them takes it. */
  private final class Forwarding {
    private final byte[] encoded;
    private final long timeoutMillis;
    private final Iterator<NodeRecord> voters;

    /** Whether one that it was sent to has not answered: it may have taken it. */
    private boolean mayBeTaken;

    Forwarding(byte[] encoded, long timeoutMillis, List<NodeRecord> voters) {
      this.encoded = encoded;
      this.timeoutMillis = timeoutMillis;
      this.voters = voters.iterator();
    }

    CompletableFuture<CommandResult> next(String lastError) {
      if (!voters.hasNext()) {
        return mayBeTaken
            ? CompletableFuture.failedFuture(
                unknownOutcome(new FeatureKvException(ErrorCode.UNAVAILABLE, lastError)))
            : noVoter(lastError);
      }
      return peers
          .connect(voters.next().id())
          .handle(
              (connection, failure) ->
                  failure == null
                      ? send(connection)
                      : next(String.valueOf(FeatureKvException.from(failure).getMessage())))
          .thenCompose(result -> result);
    }

    private CompletableFuture<CommandResult> send(Connection connection) {
      Proposal proposal = new Proposal((int) Math.min(timeoutMillis, Integer.MAX_VALUE), encoded);
      return connection
          .call(FrameType.PROPOSE, Proposal.NO_FORWARD, proposal.encode(), timeoutMillis)
          .thenApply(reply -> MetadataCodec.decodeResult(bytesOf(reply.body())))
          .exceptionallyCompose(failure -> afterFailure(FeatureKvException.from(failure)));
    }

    private CompletableFuture<CommandResult> afterFailure(FeatureKvException error) {
      mayBeTaken |= error.code() == ErrorCode.UNAVAILABLE || error.code() == ErrorCode.DEADLINE;
      return switch (error.code()) {
        case UNAVAILABLE, TRY_AGAIN -> next(String.valueOf(error.getMessage()));
        default -> CompletableFuture.failedFuture(mayBeTaken ? unknownOutcome(error) : error);
      };
    }
  }

  private static FeatureKvException unknownOutcome(FeatureKvException late) {
    return new FeatureKvException(
        ErrorCode.UNKNOWN_OUTCOME,
        "the metadata group did not answer in time; the change may or may not have been made: "
            + late.getMessage(),
        late);
  }

  private static CompletableFuture<CommandResult> noVoter(
      @org.jspecify.annotations.Nullable String why) {
    return CompletableFuture.failedFuture(
        new FeatureKvException(
            ErrorCode.TRY_AGAIN,
            "no metadata voter could be reached, nothing was changed: " + why));
  }

  private static byte[] bytesOf(java.nio.ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    return bytes;
  }
}
