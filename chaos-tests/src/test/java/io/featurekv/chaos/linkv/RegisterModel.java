package io.featurekv.chaos.linkv;

import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;

/** A register that one operation after the other is done on. */
final class RegisterModel {
  /** Where an operation cannot have had its effect. Nobody writes it. */
  static final long IMPOSSIBLE = Long.MIN_VALUE + 1;

  private RegisterModel() {}

  /**
   * The value after an operation took place at this value, or {@link #IMPOSSIBLE}. An open
   * compare-and-set that meets another value did nothing.
   */
  static long step(long value, Operation operation) {
    return switch (operation.call()) {
      case Call.Read() ->
          operation.effect() instanceof Effect.Saw(long seen) && seen == value ? value : IMPOSSIBLE;
      case Call.Write(long written) -> written;
      case Call.Cas(long from, long to) ->
          switch (operation.effect()) {
            case Effect.Done() -> value == from ? to : IMPOSSIBLE;
            case Effect.Open() -> value == from ? to : value;
            case Effect.Mismatch() ->
                value != from && value != Operation.MISSING ? value : IMPOSSIBLE;
            case Effect.Absent() -> value == Operation.MISSING ? value : IMPOSSIBLE;
            case Effect.Saw _ -> IMPOSSIBLE;
          };
    };
  }
}
