package io.featurekv.cli.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.Share;
import io.featurekv.model.Digest;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class GoldenKeysTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void readsPairsAndEveryFormOfALine(@TempDir Path directory) throws IOException {
    assertThat(GoldenKeys.ofPair("a=b=c")).isEqualTo(GoldenKey.ofValue(bytes("a"), bytes("b=c")));
    assertThat(GoldenKeys.ofPair("a=")).isEqualTo(GoldenKey.ofValue(bytes("a"), new byte[0]));
    Digest digest = Digest.of(new byte[Digest.BYTES]);
    Path file = directory.resolve("golden.jsonl");
    Files.write(
        file,
        List.of(
            "{\"key\":\"a\",\"value\":\"1\"}",
            "",
            "{\"keyBase64\":\"/w==\",\"valueBase64\":\"AAE=\"}",
            "{\"key\":\"c\",\"sha256\":\"" + digest.hex() + "\"}",
            "{\"key\":\"d\",\"absent\":true}"));
    assertThat(GoldenKeys.ofFile(file))
        .containsExactly(
            GoldenKey.ofValue(bytes("a"), bytes("1")),
            GoldenKey.ofValue(new byte[] {-1}, new byte[] {0, 1}),
            new GoldenKey(bytes("c"), new GoldenKey.Sha256(digest)),
            new GoldenKey(bytes("d"), new GoldenKey.Absent()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"key\":\"a\"}",
        "{\"value\":\"a\"}",
        "{\"key\":\"a\",\"value\":\"1\",\"absent\":true}",
        "{\"key\":\"a\",\"keyBase64\":\"YQ==\",\"value\":\"1\"}",
        "{\"key\":\"a\",\"absent\":false}",
        "{\"key\":\"a\",\"value\":1}",
        "{\"key\":\"a\",\"sha256\":\"00\"}",
        "{\"key\":\"a\",\"valueBase64\":\"?\"}",
        "{\"key\":\"a\",\"other\":\"1\"}",
        "[]",
        "nonsense"
      })
  void refusesOtherLinesNamingThem(String line) {
    assertThatThrownBy(() -> GoldenKeys.ofLine(line, "golden.jsonl:3"))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("golden.jsonl:3");
  }

  @Test
  void aLimitIsAPercentageOrOff() {
    ShareLimit.Word word = new ShareLimit.Word();
    assertThat(word.convert("OFF").share()).isNull();
    assertThat(word.convert("12.5%").share()).isEqualTo(Share.parse("12.5%"));
    assertThatThrownBy(() -> word.convert("12")).isInstanceOf(TypeConversionException.class);
  }
}
