package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesInputTest {
  @TempDir Path home;

  private void write(String file, String content) throws IOException {
    Path path = home.resolve("models/" + file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private Input input(long maxValueBytes) {
    return Inputs.find(List.of("files:" + home.resolve("models")), Reading.maxValue(maxValueBytes))
        .getFirst();
  }

  @Test
  void makesAnEntryOfEveryVisibleFile() throws IOException {
    write("b.bin", "\u0001é");
    write("a/deep/m.onnx", "m");
    write("empty", "");
    write(".hidden", "x");
    write("_temporary/x", "x");
    write("a/.git/x", "x");
    List<String> rows = PartReading.rows(input(100), Long.MAX_VALUE);
    assertThat(rows)
        .containsExactly(
            "1 [key=TEXT a/deep/m.onnx, value=BINARY 6d]",
            "2 [key=TEXT b.bin, value=BINARY 01c3a9]",
            "3 [key=TEXT empty, value=BINARY ]");
    assertThat(input(100).parts(0, 1)).hasSize(3);
    assertThat(PartReading.rows(input(100), 1)).isEqualTo(rows);
  }

  @Test
  void rejectsFilesThatAreTooLong() throws IOException {
    write("a", "123");
    write("b", "1234");
    write("c", "1");
    assertThat(PartReading.rows(input(3), Long.MAX_VALUE))
        .containsExactly(
            "1 [key=TEXT a, value=BINARY 313233]",
            "2 file "
                + home.resolve("models/b")
                + " has 4 bytes, more than the 3 that this table allows for a value",
            "3 [key=TEXT c, value=BINARY 31]");
  }

  @Test
  void isAnotherInputWhenAFileChanges() throws IOException {
    write("a", "123");
    String identity = input(10).identity();
    assertThat(input(10).identity()).isEqualTo(identity);
    write("b", "");
    assertThat(input(10).identity()).isNotEqualTo(identity);
  }

  @Test
  void refusesWhatIsNoDirectory() throws IOException {
    write("a", "1");
    assertThatThrownBy(
            () -> Inputs.find(List.of("files:" + home.resolve("models/a")), Reading.PLAIN))
        .hasMessageContaining("is not a directory");
    assertThatThrownBy(() -> Inputs.find(List.of("files:"), Reading.PLAIN))
        .hasMessageContaining("names no directory");
  }
}
