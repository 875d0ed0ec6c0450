package io.featurekv.chaos.linkv;

import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.maelstrom.Registers;
import io.featurekv.metadata.raft.maelstrom.VoterRegisters;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Registers with bugs, which the checker must find. */
final class PlantedRegisters {
  private PlantedRegisters() {}

  /** Each node keeps its own. */
  static final class Unreplicated implements Registers {
    private final Map<Long, Long> values = new ConcurrentHashMap<>();

    Unreplicated(MetadataVoter voter) {}

    @Override
    public CompletableFuture<OptionalLong> read(long key, long timeoutMillis) {
      Long value = values.get(key);
      return CompletableFuture.completedFuture(
          value == null ? OptionalLong.empty() : OptionalLong.of(value));
    }

    @Override
    public CompletableFuture<CommandResult> write(long key, long value, long timeoutMillis) {
      values.put(key, value);
      return CompletableFuture.completedFuture(CommandResult.done(0, 0, 0));
    }

    @Override
    public CompletableFuture<CommandResult> compareAndSet(
        long key, long from, long to, long timeoutMillis) {
      throw new UnsupportedOperationException();
    }
  }

  /** Reads are answered from what this voter has, without asking whether there is more. */
  static final class StaleReads implements Registers {
    private final MetadataVoter voter;
    private final Registers sound;

    StaleReads(MetadataVoter voter) {
      this.voter = voter;
      this.sound = new VoterRegisters(voter);
    }

    @Override
    public CompletableFuture<OptionalLong> read(long key, long timeoutMillis) {
      return CompletableFuture.completedFuture(VoterRegisters.valueIn(voter.current(), key));
    }

    @Override
    public CompletableFuture<CommandResult> write(long key, long value, long timeoutMillis) {
      return sound.write(key, value, timeoutMillis);
    }

    @Override
    public CompletableFuture<CommandResult> compareAndSet(
        long key, long from, long to, long timeoutMillis) {
      return sound.compareAndSet(key, from, to, timeoutMillis);
    }
  }

  /**
   * The answer to the write of one value gets lost, upon which the write is sent again when the
   * test says so: under a new operation id, which is the bug, or under the same.
   */
  static final class Retries implements Registers {
    static final long RETRIED_VALUE = 1;

    private final MetadataVoter voter;
    private final Registers sound;
    private final boolean newId;
    private final CompletableFuture<Void> again;

    Retries(MetadataVoter voter, boolean newId, CompletableFuture<Void> again) {
      this.voter = voter;
      this.sound = new VoterRegisters(voter);
      this.newId = newId;
      this.again = again;
    }

    @Override
    public CompletableFuture<OptionalLong> read(long key, long timeoutMillis) {
      return sound.read(key, timeoutMillis);
    }

    @Override
    public CompletableFuture<CommandResult> write(long key, long value, long timeoutMillis) {
      if (value != RETRIED_VALUE) {
        return sound.write(key, value, timeoutMillis);
      }
      CommandEnvelope first = envelope(key, value);
      return voter
          .propose(first, timeoutMillis)
          .thenCombine(again, (lost, now) -> newId ? envelope(key, value) : first)
          .thenCompose(second -> voter.propose(second, timeoutMillis));
    }

    private static CommandEnvelope envelope(long key, long value) {
      long now = System.currentTimeMillis();
      return new CommandEnvelope(
          OperationIds.next(now), now, new Command.WriteRegister(key, value));
    }

    @Override
    public CompletableFuture<CommandResult> compareAndSet(
        long key, long from, long to, long timeoutMillis) {
      return sound.compareAndSet(key, from, to, timeoutMillis);
    }
  }
}
