package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratedLoadTest {
  @TempDir Path home;

  /** SplitMix64 of seed 0 gives these numbers; the first is in every implementation's test. */
  @Test
  void mixesAsSplitMix64Does() {
    assertThat(GeneratedEntries.mix64(1)).isEqualTo(0xE220A8397B1DCDAFL);
    assertThat(GeneratedEntries.mix64(2)).isEqualTo(0x6E789E6AA1B965F4L);
    assertThat(GeneratedEntries.mix64(3)).isEqualTo(0x06C45D188009454FL);
    assertThat(GeneratedEntries.key(0)).isEqualTo("e220a8397b1dcdaf");
  }

  @Test
  void loadsWhatTheAddressSays() {
    for (String address :
        List.of(
            "generate:1000",
            "generate:1000?valueBytes=13",
            "generate:1000?valueBytes=16&version=3")) {
      Load load = new Load(home).keys().input(address);
      BuildResult result = load.run();
      GeneratedEntries expected = GeneratedEntries.parse(address);
      assertThat(result.entries()).isEqualTo(1000);
      assertThat(result.bytes()).isEqualTo(1000L * (16 + expected.valueBytes()));
      for (int i = 0; i < 1000; i++) {
        assertThat(load.writers.entries().get(GeneratedEntries.keyBytes(i)))
            .hasSize(expected.valueBytes())
            .isEqualTo(expected.value(i));
      }
    }
  }

  @Test
  void makesValuesOfLittleEndianWordsThatTheVersionChanges() {
    long id = GeneratedEntries.id(0);
    long word = GeneratedEntries.mix64(id + 0x9E3779B97F4A7C15L);
    String hex = HexFormat.of().toHexDigits(Long.reverseBytes(word));
    assertThat(HexFormat.of().formatHex(GeneratedEntries.parse("generate:1").value(0)))
        .startsWith(hex)
        .hasSize(200);
    long versioned = GeneratedEntries.mix64(GeneratedEntries.mix64(id + 7) + 0x9E3779B97F4A7C15L);
    assertThat(
            HexFormat.of()
                .formatHex(GeneratedEntries.parse("generate:1?version=7&valueBytes=8").value(0)))
        .isEqualTo(HexFormat.of().toHexDigits(Long.reverseBytes(versioned)));
  }

  @Test
  void impliesItsColumns() {
    assertThat(new Load(home).keys("key").value("value").input("generate:10").run().entries())
        .isEqualTo(10);
    assertThat(new Load(home).keys("id").input("generate:10").failure())
        .hasMessageContaining("no key column 'id'; its columns are: key, value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate:",
        "generate:x",
        "generate:-1",
        "generate:1?valueBytes=x",
        "generate:1?bytes=3",
        "generate:1?valueBytes=67108865"
      })
  void refusesOtherAddresses(String address) {
    assertThatThrownBy(() -> GeneratedEntries.parse(address))
        .isInstanceOf(FeatureKvException.class);
  }

  @Test
  void standsAlone() {
    assertThat(Load.of(home, "a.csv", "id\n1\n").input("generate:1").failure())
        .hasMessageContaining("alone");
  }
}
