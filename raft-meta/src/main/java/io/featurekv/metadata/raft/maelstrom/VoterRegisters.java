package io.featurekv.metadata.raft.maelstrom;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The registers in the metadata: written by commands, each with an operation id of its own, and
 * read linearizably, on whichever voter is asked.
 */
public final class VoterRegisters implements Registers {
  private final MetadataVoter voter;

  /** Those of the group that this voter is in; it stays the caller's. */
  public VoterRegisters(MetadataVoter voter) {
    this.voter = voter;
  }

  /** The value in a state. */
  public static OptionalLong valueIn(ClusterMetadata state, long key) {
    Long value = state.registers().get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  @Override
  public CompletableFuture<OptionalLong> read(long key, long timeoutMillis) {
    return voter.readLinearizable(timeoutMillis).thenApply(state -> valueIn(state, key));
  }

  @Override
  public CompletableFuture<CommandResult> write(long key, long value, long timeoutMillis) {
    return propose(new Command.WriteRegister(key, value), timeoutMillis);
  }

  @Override
  public CompletableFuture<CommandResult> compareAndSet(
      long key, long from, long to, long timeoutMillis) {
    return propose(new Command.CompareAndSetRegister(key, from, to), timeoutMillis);
  }

  private CompletableFuture<CommandResult> propose(Command command, long timeoutMillis) {
    if (!voter.current().isFormed()) {
      // Proposed now, the command might come before the one that forms the cluster.
      return CompletableFuture.failedFuture(
          new FeatureKvException(ErrorCode.TRY_AGAIN, "the cluster has not been formed yet"));
    }
    long now = System.currentTimeMillis();
    return voter.propose(new CommandEnvelope(OperationIds.next(now), now, command), timeoutMillis);
  }
}
