package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;

/**
 * Numbers by key inside the metadata, written, and compared and set. The product has no use for
 * them: through them the way from a command to the replicated state and back can be checked for
 * linearizability by tools that know nothing but registers.
 */
final class RegisterCommands {
  /** How many keys there can be: the map is copied with every change. */
  static final int MAX_REGISTERS = 10_000;

  private RegisterCommands() {}

  static Applied write(Step step, Command.WriteRegister command) {
    return set(step, command.key(), command.value());
  }

  static Applied compareAndSet(Step step, Command.CompareAndSetRegister command) {
    Long present = step.state().registers().get(command.key());
    if (present == null) {
      throw Step.notFound("register " + command.key() + " was never written");
    }
    if (present != command.from()) {
      throw Step.conflict(
          "register " + command.key() + " has " + present + ", not " + command.from());
    }
    return set(step, command.key(), command.to());
  }

  private static Applied set(Step step, long key, long value) {
    ClusterMetadata state = step.state();
    if (!state.registers().containsKey(key) && state.registers().size() >= MAX_REGISTERS) {
      throw Step.invalid("there are " + MAX_REGISTERS + " registers, more are not allowed");
    }
    return step.done(state.withRegisters(SortedMaps.with(state.registers(), key, value)));
  }
}
