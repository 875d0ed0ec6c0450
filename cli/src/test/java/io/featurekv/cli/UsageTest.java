package io.featurekv.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {
  @Test
  void suggestsTheCommandThatWasMeant() {
    Typed typed = Typed.run("statsu");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).startsWith("featurekv: ").contains("featurekv status");
    assertThat(typed.out()).isEmpty();
  }

  @Test
  void suggestsTheOptionThatWasMeant() {
    Typed typed = Typed.run("load", "t", "in.csv", "--key", "id", "--dry-ran");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).contains("--dry-run");
  }

  @Test
  void saysWhatIsWrongWithAValue() {
    Typed typed = Typed.run("table", "create", "t", "--kind", "mem", "--max-value", "big");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).contains("--max-value").contains("'big' is not a size");
  }

  @Test
  void takesBlockEntriesForBlkOnly() {
    Typed typed = Typed.run("table", "create", "t", "--kind", "idx", "--block-entries", "8");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).contains("--block-entries is for tables of kind blk; this one is idx");
  }

  @Test
  void wantsAKeyForFilesButNotForGeneratedEntries() {
    Typed typed = Typed.run("load", "t", "in.csv");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).contains("--key is missing");
    assertThat(Typed.run("load", "t", "generate:10", "--endpoint", "127.0.0.1:1").exitCode())
        .isEqualTo(69);
  }

  @Test
  void refusesAPathWithACommaForTheMetadataLog(@TempDir Path directory) {
    String data = directory.resolve("a,b").toString();
    Typed typed = Typed.run("server", "--data-dir", data);
    assertThat(typed.exitCode()).isEqualTo(78);
    assertThat(typed.err().strip().lines()).hasSize(1);
    assertThat(typed.err())
        .contains("--data-dir")
        .contains(data)
        .contains("comma")
        .contains("--raft-dir");
    assertThat(Typed.run("server", "--data-dir", "d", "--raft-dir", data).err())
        .contains("--raft-dir: the metadata log cannot lie at " + data);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void dropsATableOnlyWhenAskedTwice() {
    Typed typed = Typed.run("table", "drop", "t");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err()).contains("--yes");
  }

  @Test
  void saysInOneLineThatNobodyAnswers() {
    Typed typed = Typed.run("status", "--endpoint", "127.0.0.1:1", "--timeout", "2s");
    assertThat(typed.exitCode()).isEqualTo(69);
    assertThat(typed.err().strip().lines()).hasSize(1).first().asString().contains("127.0.0.1:1");
    assertThat(typed.out()).isEmpty();
  }

  @Test
  void showsAStackTraceOnlyToWhoAsks() {
    Typed typed =
        Typed.run(
            Map.of("FEATUREKV_DEBUG", "1"),
            "status",
            "--endpoint",
            "127.0.0.1:1",
            "--timeout",
            "2s");
    assertThat(typed.err()).contains("at io.featurekv");
  }

  @Test
  void takesGlobalOptionsBeforeTheCommandToo() {
    Typed typed =
        Typed.run("-o", "table", "--endpoint", "127.0.0.1:1", "status", "--timeout", "2s");
    assertThat(typed.exitCode()).isEqualTo(69);
    assertThat(typed.err()).contains("127.0.0.1:1");
  }

  @Test
  void givesUpWaitingWithTryAgain() {
    Typed typed = Typed.run("wait", "healthy", "--endpoint", "127.0.0.1:1", "--timeout", "300ms");
    assertThat(typed.exitCode()).isEqualTo(75);
    assertThat(typed.err()).contains("not so after 0.3 s");
  }

  @Test
  void refusesKeysThatCannotBe() {
    assertThat(Typed.run("get", "t", "k".repeat(600)).exitCode()).isEqualTo(2);
    assertThat(Typed.run("get", "t", "xyz", "--key-format", "hex").exitCode()).isEqualTo(2);
    assertThat(Typed.run("get", "t").err()).contains("no key is given");
    assertThat(Typed.run("get", "no/table", "k").err()).contains("'no/table' is not valid");
  }

  @Test
  void aCanaryBecomesActiveAndBakesForAWhile() {
    String[] load = {"load", "t", "generate:10", "--canary", "b"};
    assertThat(Typed.run("load", "t", "generate:10", "--bake", "1m").exitCode()).isEqualTo(2);
    assertThat(Typed.run("load", "t", "generate:10", "--bake", "1m").err())
        .contains("name the sect too, --canary SECT");
    assertThat(Typed.run(with(load, "--no-activate")).err())
        .contains("--canary and --no-activate exclude each other");
    assertThat(Typed.run(with(load, "--bake", "0s")).err()).contains("--bake is 1ms to 7d");
    assertThat(Typed.run(with(load, "--bake", "8d")).err()).contains("--bake is 1ms to 7d");
    assertThat(Typed.run(with(load, "--endpoint", "127.0.0.1:1")).exitCode()).isEqualTo(69);
  }

  private static String[] with(String[] words, String... more) {
    return Stream.of(words, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void loadsEitherInputsOrFiles() {
    assertThat(Typed.run("load", "t", "--key", "k").exitCode()).isEqualTo(2);
    assertThat(Typed.run("load", "t", "--key", "k").err()).contains("either INPUT");
    assertThat(Typed.run("load", "t", "a.csv", "--files", "m").err()).contains("either INPUT");
  }
}
