package io.featurekv.metadata.raft.maelstrom;

import io.featurekv.metadata.CommandResult;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The registers that {@code lin-kv} asks for. No method blocks; every future completes within the
 * time that was given.
 *
 * <p>A future fails with FeatureKvException: TRY_AGAIN when certainly nothing happened nor ever
 * will, UNKNOWN_OUTCOME when the change may have been made or may yet be.
 */
public interface Registers {
  /** The value at a moment after the call began; empty when the register was never written. */
  CompletableFuture<OptionalLong> read(long key, long timeoutMillis);

  /** Gives a register a value. */
  CompletableFuture<CommandResult> write(long key, long value, long timeoutMillis);

  /**
   * Gives a register the value {@code to} if it has {@code from}: else the result is NOT_FOUND or
   * CONFLICT.
   */
  CompletableFuture<CommandResult> compareAndSet(long key, long from, long to, long timeoutMillis);
}
