package io.featurekv.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class RejectLimitTest {
  private final RejectLimit.Word word = new RejectLimit.Word();

  @Test
  void readsCountsAndPercentages() {
    assertThat(word.convert("0")).isEqualTo(RejectLimit.NONE);
    assertThat(word.convert("100")).isEqualTo(new RejectLimit(100, false));
    assertThat(word.convert("0.5%")).isEqualTo(new RejectLimit(0.5, true));
    assertThat(word.convert("100%")).isEqualTo(new RejectLimit(100, true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "1.5", "-1", "101%", "few"})
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> word.convert(text)).isInstanceOf(TypeConversionException.class);
  }
}
