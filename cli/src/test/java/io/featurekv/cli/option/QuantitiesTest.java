package io.featurekv.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "65536, 65536",
    "64k, 65536",
    "64K, 65536",
    "1MiB, 1048576",
    "1 MB, 1048576",
    "1.5G, 1610612736",
    "2GiB, 2147483648",
    "1t, 1099511627776",
    "0, 0",
    "12b, 12"
  })
  void readsSizes(String text, long bytes) {
    assertThat(Sizes.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "-1", "1x", "1MiBs", "ten", "1,5G"})
  void saysWhatASizeLooksLike(String text) {
    assertThatThrownBy(() -> Sizes.parse(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "' is not a size")
        .hasMessageContaining("1MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9999999999999T", "999999999999999G"})
  void refusesSizesBeyondCounting(String text) {
    assertThatThrownBy(() -> Sizes.parse(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("more bytes than can be counted");
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, 500",
    "30s, 30000",
    "1.5s, 1500",
    "10m, 600000",
    "12h, 43200000",
    "7d, 604800000",
    "0s, 0"
  })
  void readsDurations(String text, long millis) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "s", "-1s", "1 week", "1y", "5sec"})
  void saysWhatADurationLooksLike(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "' is not a duration")
        .hasMessageContaining("30s");
  }
}
