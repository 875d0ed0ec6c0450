package io.featurekv.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class CountsTest {
  @Test
  void readsWhatPeopleWrite() {
    assertThat(Counts.parse("200000")).isEqualTo(200_000);
    assertThat(Counts.parse("200k")).isEqualTo(200_000);
    assertThat(Counts.parse("1.5M")).isEqualTo(1_500_000);
    assertThat(Counts.parse("2g")).isEqualTo(2_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "1.5", "0.0001k", "1Mi", "k"})
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> Counts.parse(text)).isInstanceOf(TypeConversionException.class);
  }
}
