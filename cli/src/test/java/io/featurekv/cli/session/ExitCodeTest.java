package io.featurekv.cli.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.option.ConfigurationException;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExitCodeTest {
  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, 2",
    "TOO_LARGE, 2",
    "NOT_FOUND, 4",
    "UNAVAILABLE, 69",
    "TRY_AGAIN, 75",
    "DEADLINE, 75",
    "UNKNOWN_OUTCOME, 75",
    "WRONG_CLUSTER, 78",
    "CONFLICT, 1",
    "CORRUPT, 1",
    "INTERNAL, 1"
  })
  void standsForTheError(ErrorCode code, int exitCode) {
    assertThat(ExitCode.of(new FeatureKvException(code, "so"))).isEqualTo(exitCode);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void isOneOfThePromisedCodes(ErrorCode code) {
    assertThat(ExitCode.of(new FeatureKvException(code, "so"))).isIn(1, 2, 3, 4, 69, 75, 78, 130);
  }

  @Test
  void tellsConfigurationAndInterruptionApart() {
    assertThat(ExitCode.of(new ConfigurationException("so"))).isEqualTo(78);
    assertThat(ExitCode.of(new InterruptedException())).isEqualTo(130);
    assertThat(ExitCode.of(new IllegalStateException())).isEqualTo(1);
  }
}
