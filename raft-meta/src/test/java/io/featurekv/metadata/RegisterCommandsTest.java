package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RegisterCommandsTest {
  private final MetadataScript script = MetadataScript.formed();

  @Test
  void writesAndComparesAndSets() {
    script.done(new Command.WriteRegister(1, 10));
    script.done(new Command.WriteRegister(2, 20));
    script.done(new Command.CompareAndSetRegister(1, 10, 11));
    assertThat(script.state().registers()).isEqualTo(Map.of(1L, 11L, 2L, 20L));
  }

  @Test
  void tellsAMissingRegisterFromAnotherValue() {
    script.done(new Command.WriteRegister(1, 0));
    ClusterMetadata before = script.state();
    assertThat(script.apply(new Command.CompareAndSetRegister(2, 0, 1)).error())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(script.apply(new Command.CompareAndSetRegister(1, 5, 6)).error())
        .isEqualTo(ErrorCode.CONFLICT);
    assertThat(script.state().registers()).isEqualTo(before.registers());
  }

  @Test
  void aRetryTakesNoEffectAgain() {
    String id = script.newId();
    CommandResult first = script.apply(id, new Command.CompareAndSetRegister(1, 0, 1));
    script.done(new Command.WriteRegister(1, 0));
    assertThat(script.apply(id, new Command.CompareAndSetRegister(1, 0, 1))).isEqualTo(first);
    assertThat(script.state().registers()).isEqualTo(Map.of(1L, 0L));
  }

  @Test
  void refusesMoreRegistersThanThereMayBe() {
    SortedMap<Long, Long> all = new TreeMap<>();
    for (long key = 0; key < RegisterCommands.MAX_REGISTERS; key++) {
      all.put(key, key);
    }
    ClusterMetadata full = script.state().withRegisters(all);
    assertThat(apply(full, new Command.WriteRegister(3, 0)).error()).isNull();
    assertThat(apply(full, new Command.WriteRegister(-1, 0)).error())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  private CommandResult apply(ClusterMetadata state, Command command) {
    return state
        .apply(new CommandEnvelope(script.newId(), script.nowMillis(), command), state.index() + 1)
        .result();
  }

  @Test
  void registersCountInTheHashOfTheState() {
    script.done(new Command.WriteRegister(1, 1));
    long one = script.state().stateHash();
    ClusterMetadata other =
        script.state().withRegisters(SortedMaps.with(script.state().registers(), 1L, 2L));
    assertThat(other.stateHash()).isNotEqualTo(one);
    assertThat(script.state().withRegisters(new TreeMap<>()).stateHash()).isNotEqualTo(one);
  }
}
