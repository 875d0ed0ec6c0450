package io.featurekv.cli.version;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.Canary;
import org.junit.jupiter.api.Test;

class RollbackCommandTest {
  private static final Canary CANARY = new Canary(8, "eu-1", 0, 600_000);

  @Test
  void saysWhetherTheTrialWasGivenUpOrItsVersionTaken() {
    assertThat(RollbackCommand.told(CANARY, 7))
        .isEqualTo("ended the trial of version 8 in sect eu-1");
    assertThat(RollbackCommand.told(CANARY, 8))
        .isEqualTo("the trial of version 8 in sect eu-1 is over: it is active in all sects now");
  }
}
