package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories and globs with symbolic links in them. */
class VisibleFilesTest {
  @TempDir Path home;

  private void write(String file) throws IOException {
    Path path = home.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "id\n1\n");
  }

  private void link(String link, String target) throws IOException {
    Path path = home.resolve(link);
    Files.createDirectories(path.getParent());
    Files.createSymbolicLink(path, Path.of(target));
  }

  private List<String> found(String input) {
    return Inputs.find(List.of(home.resolve(input).toString()), Reading.PLAIN).stream()
        .map(each -> home.relativize(Path.of(each.name())).toString())
        .toList();
  }

  private void assertRefused(String input, String message) {
    assertThatThrownBy(() -> found(input))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  @Test
  void followsLinksToFilesAndDirectories() throws IOException {
    write("away/x.csv");
    write("away/deep/y.csv");
    write("away/_no/z.csv");
    write("in/a.csv");
    link("in/b.csv", "../away/x.csv");
    link("in/c", "../away");
    link("in/_hidden", "../away");
    assertThat(found("in"))
        .containsExactly("in/a.csv", "in/b.csv", "in/c/deep/y.csv", "in/c/x.csv");
    assertThat(found("in/*.csv")).containsExactly("in/a.csv", "in/b.csv");
    assertThat(found("in/*/*.csv")).containsExactly("in/c/x.csv");
    assertThat(found("in/**.csv"))
        .containsExactly("in/a.csv", "in/b.csv", "in/c/deep/y.csv", "in/c/x.csv");
    assertThat(found("in/c*")).containsExactly("in/c/deep/y.csv", "in/c/x.csv");
  }

  @Test
  void takesALinkToADirectoryForTheDirectory() throws IOException {
    write("out/day=1/a.csv");
    link("latest", "out");
    assertThat(found("latest")).containsExactly("latest/day=1/a.csv");
    assertThat(found("latest/*/*.csv")).containsExactly("latest/day=1/a.csv");
    assertThat(found("lat*")).containsExactly("latest/day=1/a.csv");
    Input files =
        Inputs.find(List.of("files:" + home.resolve("latest")), Reading.maxValue(9)).getFirst();
    assertThat(files.lengthBytes()).isEqualTo(5);
  }

  @Test
  void findsAFileByEveryPathThatLeadsToIt() throws IOException {
    write("in/day=1/a.csv");
    link("in/latest", "day=1");
    assertThat(found("in")).containsExactly("in/day=1/a.csv", "in/latest/a.csv");
  }

  @Test
  void refusesLinksThatLeadBack() throws IOException {
    write("in/a/b/x.csv");
    link("in/a/b/self", ".");
    String real = home.toRealPath().toString();
    assertRefused("in", "in/a/b/self is " + real + "/in/a/b, in which it lies itself");
    assertRefused("in/**.csv", "a symbolic link leads back");
    assertThat(found("in/a/*/*.csv")).as("is not entered").containsExactly("in/a/b/x.csv");
    Files.delete(home.resolve("in/a/b/self"));
    link("in/a/b/up", "../../..");
    assertRefused("in", "in/a/b/up/in is " + real + "/in, in which it lies itself");
    assertRefused("in/a", "a symbolic link leads back");
  }

  @Test
  void refusesLinksThatLeadNowhere() throws IOException {
    write("in/a.csv");
    link("in/b.csv", "gone.csv");
    assertRefused("in", "in/b.csv is a symbolic link to gone.csv, where nothing is");
    assertRefused("in/*.csv", "in/b.csv is a symbolic link to gone.csv, where nothing is");
    assertRefused("in/b.csv", "in/b.csv is a symbolic link to gone.csv, where nothing is");
    assertThat(found("in/a*")).as("does not match").containsExactly("in/a.csv");
    assertThatThrownBy(
            () -> Inputs.find(List.of("files:" + home.resolve("in")), Reading.maxValue(9)))
        .hasMessageContaining("where nothing is");
    Files.delete(home.resolve("in/b.csv"));
    link("in/b.csv", "b.csv");
    assertRefused("in", "in/b.csv is a symbolic link to b.csv");
  }
}
