package io.featurekv.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadsOptionParserTest {
  @Test
  void laterOptionsWinOverEarlierOnes() throws Exception {
    ReadsOptions options =
        ReadsOptionParser.parse(
            List.of("--quick", "--entries", "3M", "--peers=redis", "--only", "none"));
    assertThat(options.entries()).isEqualTo(3_000_000);
    assertThat(options.turnMillis()).isEqualTo(2000);
    assertThat(options.peers()).containsExactly("redis");
    assertThat(options.only()).isEmpty();
    assertThat(options.results()).isNull();
  }

  @Test
  void helpNamesEverySection() {
    assertThat(ReadsOptionParser.HELP).contains(String.join(",", ReadsOptions.SECTIONS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--entries",
        "--entries 10",
        "--peers riak",
        "--threads 9",
        "--resp maybe",
        "--unknown 1"
      })
  void refusesWhatItDoesNotKnow(String line) {
    assertThatThrownBy(() -> ReadsOptionParser.parse(List.of(line.split(" "))))
        .isInstanceOf(OptionParser.BadOption.class);
  }
}
