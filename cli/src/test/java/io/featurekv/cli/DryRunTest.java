package io.featurekv.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code load --dry-run} where no node answers: by the rules of a new table. */
class DryRunTest {
  @TempDir Path home;

  private Typed dryRun(String csv, String... more) throws IOException {
    Path file = Files.writeString(home.resolve("p.csv"), csv);
    String[] words = {
      "load",
      "p",
      file.toString(),
      "--create",
      "mem",
      "--key",
      "k",
      "--value-format",
      "row",
      "--endpoint",
      "127.0.0.1:1",
      "--timeout",
      "1s",
      "--temp-dir",
      home.resolve("tmp").toString(),
      "--dry-run"
    };
    return Typed.run(Stream.of(words, more).flatMap(Arrays::stream).toArray(String[]::new));
  }

  @Test
  void rowsOfANewTableHaveTheColumnsThatAreGiven() throws IOException {
    Typed good = dryRun("k,a\nx,1\n", "--types", "a:int64");
    assertThat(good.exitCode()).as(good.err()).isZero();
    Typed bad = dryRun("k,a\nx,one\n", "--types", "a:int64");
    assertThat(bad.exitCode()).isNotZero();
    assertThat(bad.err()).contains("column 'a' is not an int64: 'one'");
    assertThat(home.resolve("tmp")).as("what dry runs leave").isEmptyDirectory();
  }

  @Test
  void rowsOfANewTableNeedColumns() throws IOException {
    Typed typed = dryRun("k,a\nx,1\n");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).contains("a new table with rows needs --types");
  }
}
