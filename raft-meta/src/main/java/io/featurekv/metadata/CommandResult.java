package io.featurekv.metadata;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import org.jspecify.annotations.Nullable;

/**
 * What became of a command.
 *
 * @param index log index at which it was decided
 * @param error null when it took effect
 * @param message for a person; empty when it took effect
 * @param version the version it was about, 0 where there is none
 * @param attempt the task's attempt for {@link Command.BeginTask}, 0 otherwise
 */
public record CommandResult(
    long index, @Nullable ErrorCode error, String message, long version, int attempt) {
  /** Took effect. */
  public static CommandResult done(long index, long version, int attempt) {
    return new CommandResult(index, null, "", version, attempt);
  }

  /** Refused; the state is as it was. */
  public static CommandResult refused(long index, ErrorCode error, String message) {
    return new CommandResult(index, error, message, 0, 0);
  }

  /** This result, or its refusal as an exception. */
  public CommandResult orThrow() {
    if (error != null) {
      throw new FeatureKvException(error, message);
    }
    return this;
  }
}
