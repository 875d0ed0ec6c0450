package io.featurekv.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionParserTest {
  private static BenchOptions parse(String... arguments) throws Exception {
    return OptionParser.parse(List.of(arguments));
  }

  @Test
  void readsCountsListsAndFormats() throws Exception {
    BenchOptions options =
        parse("--quick", "--entries=30M", "--only", "mem,idx", "--peers", "none", "-o", "json");
    assertThat(options.entries()).isEqualTo(30_000_000);
    assertThat(options.rounds()).isEqualTo(3);
    assertThat(options.only()).containsExactlyInAnyOrder("mem", "idx");
    assertThat(options.peers()).isEmpty();
    assertThat(options.results()).isNotNull();
    assertThat(parse().results()).isNull();
  }

  @Test
  void saysWhatIsWrong() {
    assertWrong("unknown option '--entry'", "--entry", "3");
    assertWrong("--entries needs a value", "--entries");
    assertWrong("--entries: 'many' is not a number", "--entries", "many");
    assertWrong("--entries: expected 1000 to 100000000, found 5", "--entries", "5");
    assertWrong("--peers: 'redis' is none of lmdb", "--peers", "lmdb,redis");
    assertWrong("--output: expected table or json, found 'xml'", "--output", "xml");
  }

  private static void assertWrong(String message, String... arguments) {
    assertThatThrownBy(() -> parse(arguments))
        .isInstanceOf(OptionParser.BadOption.class)
        .hasMessageContaining(message);
  }
}
