package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.Command;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.MetadataScript;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class VoterStartTest {
  private final FeatureKvException damage =
      new FeatureKvException(ErrorCode.CORRUPT, "raft/log_0-7 is damaged");

  private static MetadataScript voters(String... ids) {
    MetadataScript script = new MetadataScript();
    for (String id : ids) {
      script.node(id, "a");
    }
    return script.apply(new Command.SetVoters(new TreeSet<>(List.of(ids))));
  }

  @Test
  void aNewPeerTakesTheDamagedOnesPlaceWhereTheOthersAreAMajority() {
    assertThatCode(() -> VoterStart.checkReplaceable(voters("a", "b", "c").metadata(), "a", damage))
        .doesNotThrowAnyException();
  }

  @Test
  void nothingIsSetAsideWhereTheOthersCouldNotAgree() {
    assertThatThrownBy(() -> VoterStart.checkReplaceable(voters("a", "b").metadata(), "a", damage))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("raft/log_0-7 is damaged")
        .hasMessageContaining("[b], are no majority of 2");
    assertThatThrownBy(() -> VoterStart.checkReplaceable(voters("a").metadata(), "a", damage))
        .hasMessageContaining("[], are no majority of 1");
  }
}
