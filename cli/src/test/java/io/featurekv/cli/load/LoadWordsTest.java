package io.featurekv.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadWordsTest {
  @Test
  void wordsComeBackAsTheyWereWhateverIsInThem() {
    List<String> arguments =
        List.of(
            "load",
            "t",
            "/data/it's here.csv",
            "--key",
            "a b",
            "--key-separator",
            "\\",
            "--key",
            "");
    String text = LoadWords.of(arguments, List.of("/data/it's here.csv"));
    assertThat(LoadWords.split(text)).isEqualTo(arguments);
  }

  @Test
  void whatBelongsToOneRunIsLeftOut() {
    String text =
        LoadWords.of(
            List.of(
                "--endpoint",
                "h:1",
                "load",
                "t",
                "generate:5",
                "--operation-id",
                "x",
                "-o",
                "json",
                "--timeout=5s",
                "--create",
                "mem"),
            List.of("generate:5"));
    assertThat(text).isEqualTo("load t generate:5 --create mem");
  }

  @Test
  void pathsBecomeAbsoluteSoThatTheLoadRunsFromAnywhere() {
    assertThat(LoadWords.of(List.of("load", "t", "in.csv"), List.of("in.csv")))
        .isEqualTo("load t " + Path.of("in.csv").toAbsolutePath());
  }

  @Test
  void addressesStayAsTheyAreAndDirectoriesOfFilesBecomeAbsolute() {
    String url = "https://host/a.csv.gz?x=1";
    assertThat(LoadWords.of(List.of("load", "t", url), List.of(url))).isEqualTo("load t " + url);
    assertThat(LoadWords.of(List.of("load", "t", "--files", "m"), List.of()))
        .isEqualTo("load t --files " + Path.of("m").toAbsolutePath());
    assertThat(LoadWords.of(List.of("load", "t", "--files=m"), List.of()))
        .isEqualTo("load t --files=" + Path.of("m").toAbsolutePath());
    assertThat(LoadWords.of(List.of("load", "t", "files:m"), List.of("files:m")))
        .isEqualTo("load t files:" + Path.of("m").toAbsolutePath());
  }
}
