package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {
  @TempDir Path home;

  private Load directory(String... files) {
    Load load = new Load(home);
    for (String file : files) {
      load.write("in/" + file, "id,x\n" + file.replaceAll("\\W", "") + ",1\n");
    }
    return load.input(home.resolve("in").toString());
  }

  @Test
  void takesTheVisibleFilesOfADirectoryRecursivelyInTheirOrder() {
    Load load =
        directory("b.csv", "a/z.csv", "_no.csv", ".no.csv", "_d/no.csv", ".d/no.csv", "c.csv");
    load.write("in/_SUCCESS", "");
    load.write("in/_metadata", "");
    assertThat(load.texts()).containsOnlyKeys("bcsv", "azcsv", "ccsv");
    load.write("in/a/z.csv", "id,x\nsame,first\n");
    load.write("in/b.csv", "id,x\nsame,last\n");
    assertThat(load.texts()).containsEntry("same", "{\"x\":\"last\"}");
  }

  @Test
  void readsFormatsSideBySide() {
    Load load = directory("a.csv");
    load.write("in/b.jsonl", "{\"id\":\"b\"}\n");
    load.write("in/c.tsv", "id\tx\nc\t1\n");
    assertThat(load.texts()).containsOnlyKeys("acsv", "b", "c");
    load.write("in/d.txt", "?");
    FeatureKvException failure = load.failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure).hasMessageContaining("d.txt").hasMessageContaining("--format");
  }

  @Test
  void takesNamesOfDirectoriesForColumns() {
    Load load = new Load(home).keys("country", "id");
    load.write("in/country=DE/day=2024-01-01/a.csv", "id,x\n1,a\n");
    load.write(
        "in/country=New%20Z+/day=__HIVE_DEFAULT_PARTITION__/a.jsonl",
        "{\"id\":1}\n{\"x\":2,\"id\":2}\n");
    load.input(home.resolve("in").toString());
    load.types.put("day", "string");
    assertThat(load.texts())
        .isEqualTo(
            Map.of(
                "DE:1", "{\"x\":\"a\",\"day\":\"2024-01-01\"}",
                "New Z+:1", "{\"day\":null}",
                "New Z+:2", "{\"x\":2,\"day\":null}"));
    load.inputs.set(0, home.resolve("in") + "/country=*/**.csv");
    assertThat(load.texts()).containsOnlyKeys("DE:1");
    load.inputs.set(0, home.resolve("in") + "/country=*");
    assertThat(load.texts()).hasSize(3);
  }

  @Test
  void refusesAColumnInTheFileAndInTheNameOfItsDirectory() {
    Load load = new Load(home);
    load.write("in/x=1/a.csv", "id,x\n1,a\n");
    load.input(home.resolve("in").toString());
    assertThat(load.failure()).hasMessageContaining("column 'x' is there twice, in the file and");
  }

  @Test
  void expandsGlobs() {
    Load load = directory("a1.csv", "a2.csv", "b1.csv", "_a3.csv", "d/a4.csv");
    load.inputs.set(0, home.resolve("in") + "/a*.csv");
    assertThat(load.texts()).containsOnlyKeys("a1csv", "a2csv");
    load.inputs.set(0, home.resolve("in") + "/{a1,b?}.csv");
    assertThat(load.texts()).containsOnlyKeys("a1csv", "b1csv");
    load.inputs.set(0, home.resolve("in") + "/**/*.csv");
    assertThat(load.texts()).containsOnlyKeys("da4csv");
    load.inputs.set(0, home.resolve("in") + "/*");
    assertThat(load.texts()).hasSize(4);
    load.inputs.set(0, home.resolve("in") + "/*.tsv");
    assertThat(load.failure()).hasMessageContaining("matches no file");
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    load.inputs.set(0, home.resolve("in") + "/[");
    assertThat(load.failure()).hasMessageContaining("is not valid");
  }

  @Test
  void takesAFileWhoseNameLooksLikeAGlob() {
    Load load = Load.of(home, "a[1].csv", "id,x\n1,2\n");
    assertThat(load.texts()).containsOnlyKeys("1");
  }

  @Test
  void refusesMissingInputsAndUnknownFormats() {
    Load load = new Load(home).input(home.resolve("none.csv").toString());
    assertThat(load.failure()).hasMessage("input " + home.resolve("none.csv") + " does not exist");
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    Load format = Load.of(home, "a.csv", "id\n1\n");
    format.format = "xml";
    assertThat(format.failure()).hasMessageContaining("none of auto, csv, tsv, jsonl, parquet");
    assertThat(new Load(home).failure()).hasMessageContaining("no input");
  }

  @Test
  void refusesADirectoryThatSparkHasNotFinished() throws IOException {
    Load load = directory("part-00000.csv");
    assertThat(load.failure())
        .hasMessageContaining("_SUCCESS")
        .hasMessageContaining("--allow-incomplete");
    load.allowIncomplete = true;
    assertThat(load.texts()).hasSize(1);
    load.allowIncomplete = false;
    load.write("in/_SUCCESS", "");
    assertThat(load.texts()).hasSize(1);

    Files.delete(home.resolve("in/_SUCCESS"));
    Files.delete(home.resolve("in/part-00000.csv"));
    load.write("in/a.csv", "id,x\n1,2\n");
    assertThat(load.texts()).hasSize(1);
    Files.createDirectory(home.resolve("in/_temporary"));
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void looksForSuccessAtTheTopOfPartitions() {
    Load load = new Load(home);
    load.write("in/out/x=1/part-0.csv", "id\n1\n");
    load.input(home.resolve("in/out/x=1").toString());
    assertThat(load.failure()).hasMessageContaining("_SUCCESS");
    load.write("in/out/_SUCCESS", "");
    assertThat(load.texts()).isEqualTo(Map.of("1", "{}"));
    load.inputs.set(0, home.resolve("in").toString());
    assertThat(load.texts()).isEqualTo(Map.of("1", "{\"x\":\"1\"}"));
  }

  @Test
  void refusesGlobsIntoWhatSparkHasNotFinished() throws IOException {
    Load load = new Load(home);
    load.write("in/out/date=1/part-0.csv", "id\n1\n");
    load.write("in/out/date=2/part-0.csv", "id\n2\n");
    load.write("in/out/date=2/_SUCCESS", "");
    load.input(home.resolve("in/out") + "/date=*/*.csv");
    assertThat(load.failure())
        .hasMessageContaining("out/date=1 looks like Spark output that is not finished")
        .hasMessageContaining("--allow-incomplete");
    load.inputs.set(0, home.resolve("in/out/date=1") + "/*.csv");
    assertThat(load.failure()).hasMessageContaining("_SUCCESS");
    load.inputs.set(0, home.resolve("in/out/date=2") + "/*.csv");
    assertThat(load.texts()).containsOnlyKeys("2");
    load.inputs.set(0, home.resolve("in/out") + "/date=*/*.csv");
    load.allowIncomplete = true;
    assertThat(load.texts()).containsOnlyKeys("1", "2");
    load.allowIncomplete = false;
    load.write("in/out/_SUCCESS", "");
    assertThat(load.texts()).as("by the mark of the whole job").containsOnlyKeys("1", "2");
    load.inputs.set(0, home.resolve("in/out/date=1") + "/*.csv");
    assertThat(load.texts()).as("the same from inside").containsOnlyKeys("1");
    load.inputs.set(0, home.resolve("in/out/date=1/part-0.csv").toString());
    Files.delete(home.resolve("in/out/_SUCCESS"));
    assertThat(load.texts()).as("a file named outright").containsOnlyKeys("1");
  }

  @Test
  void refusesGlobsIntoADirectoryThatSparkIsWriting() throws IOException {
    Load load = directory("a.csv");
    load.inputs.set(0, home.resolve("in") + "/*.csv");
    assertThat(load.texts()).hasSize(1);
    Files.createDirectory(home.resolve("in/_temporary"));
    assertThat(load.failure()).hasMessageContaining("in looks like Spark output");
    load.inputs.set(0, home.resolve("in") + "*");
    assertThat(load.failure()).hasMessageContaining("in looks like Spark output");
    load.write("in/_SUCCESS", "");
    assertThat(load.texts()).hasSize(1);
  }

  @Test
  void refusesADirectoryBesideFinishedOnesThatSparkIsWriting() {
    Load load = new Load(home);
    load.write("in/date=1/part-0.csv", "id\n1\n");
    load.write("in/date=1/_SUCCESS", "");
    load.write("in/date=2/_temporary/0/part-0.csv", "id\n2\n");
    load.input("");
    for (String names : List.of("in", "in/date=*", "in/date=*/*.csv", "in/**.csv", "i*/*/p*.csv")) {
      load.inputs.set(0, home.resolve(names).toString());
      assertThat(load.failure())
          .as(names)
          .hasMessageContaining("in/date=2 looks like Spark output that is not finished");
    }
    for (String names : List.of("in/date=1", "in/date=1*", "in/*1/*.csv", "in/{date=1,x}/**.csv")) {
      load.inputs.set(0, home.resolve(names).toString());
      assertThat(load.texts()).as(names).containsOnlyKeys("1");
    }
    load.inputs.set(0, home.resolve("in").toString());
    load.allowIncomplete = true;
    assertThat(load.texts()).containsOnlyKeys("1");
  }

  @Test
  void letsTheNearestMarkOfSparkDecide() throws IOException {
    Load load = new Load(home);
    load.write("in/_SUCCESS", "");
    load.write("in/date=1/part-0.csv", "id\n1\n");
    load.write("in/date=2/part-0.csv", "id\n2\n");
    Files.createDirectory(home.resolve("in/date=2/_temporary"));
    load.input(home.resolve("in").toString());
    assertThat(load.failure()).hasMessageContaining("in/date=2 looks like Spark output");
    load.inputs.set(0, home.resolve("in/date=2").toString());
    assertThat(load.failure()).hasMessageContaining("in/date=2 looks like Spark output");
    load.inputs.set(0, home.resolve("in/date=1").toString());
    assertThat(load.texts()).containsOnlyKeys("1");
    load.inputs.set(0, home.resolve("in").toString());
    load.write("in/date=2/_SUCCESS", "");
    assertThat(load.texts()).as("what a job left behind").containsOnlyKeys("1", "2");
  }

  @Test
  void looksForSuccessOfADirectoryThatAGlobMatchesUpToTheFirstWildcard() throws IOException {
    Load load = new Load(home);
    load.write("out/_SUCCESS", "");
    load.write("out/a/part-0.csv", "id\n1\n");
    load.input("");
    for (String names : List.of("out/*/part-*", "out/*", "out/[a]")) {
      load.inputs.set(0, home.resolve(names).toString());
      assertThat(load.texts()).as(names).containsOnlyKeys("1");
    }
    Files.delete(home.resolve("out/_SUCCESS"));
    assertThat(load.failure()).hasMessageContaining("out/a looks like Spark output");
    load.write("_SUCCESS", "");
    assertThat(load.failure()).as("above that").hasMessageContaining("out/a looks like Spark");
  }

  @Test
  void looksForSuccessWhereALinkLeads() throws IOException {
    Load load = new Load(home);
    load.write("in/out/day=1/part-0.csv", "id\n1\n");
    Files.createSymbolicLink(home.resolve("latest"), home.resolve("in/out/day=1"));
    load.input(home.resolve("latest").toString());
    assertThat(load.failure()).hasMessageContaining("latest looks like Spark output");
    load.write("in/out/_SUCCESS", "");
    assertThat(load.texts()).containsOnlyKeys("1");
    load.inputs.set(0, home.resolve("lat") + "*/*.csv");
    assertThat(load.texts()).containsOnlyKeys("1");
  }

  @Test
  void givesOneDigestForOneInput() throws IOException {
    Load load = Load.of(home, "a.csv", "id,x\n1,2\n");
    String digest = ShardBuild.inputsDigest(load.inputSpec());
    assertThat(digest).hasSize(64).isEqualTo(ShardBuild.inputsDigest(load.inputSpec()));
    String relative =
        Path.of("").toAbsolutePath().relativize(home.toAbsolutePath().resolve("a.csv")).toString();
    load.inputs.set(0, relative);
    assertThat(ShardBuild.inputsDigest(load.inputSpec())).isEqualTo(digest);
    Files.setLastModifiedTime(home.resolve("a.csv"), FileTime.fromMillis(1000));
    String touched = ShardBuild.inputsDigest(load.inputSpec());
    assertThat(touched).isNotEqualTo(digest);
    load.keys("x");
    assertThat(ShardBuild.inputsDigest(load.inputSpec())).isNotEqualTo(touched);
    load.inputs.set(0, "none.csv");
    assertThatThrownBy(() -> ShardBuild.inputsDigest(load.inputSpec()))
        .isInstanceOf(FeatureKvException.class);
  }

  @Test
  void digestsGeneratedEntriesByAddressAndStandardInputAnewEachTime() {
    Load generated = new Load(home).keys().input("generate:10");
    assertThat(ShardBuild.inputsDigest(generated.inputSpec()))
        .isEqualTo(ShardBuild.inputsDigest(generated.inputSpec()))
        .isNotEqualTo(
            ShardBuild.inputsDigest(new Load(home).keys().input("generate:11").inputSpec()));
    Load stdin = new Load(home).input("-");
    stdin.format = "csv";
    assertThat(ShardBuild.inputsDigest(stdin.inputSpec()))
        .isNotEqualTo(ShardBuild.inputsDigest(stdin.inputSpec()));
  }

  @Test
  void namesFilesAsTheyWereGiven() {
    Load load = directory("a.csv");
    load.write("in/a.csv", "id,x\n1\n");
    load.maxRejected = 1;
    load.allowEmpty = true;
    assertThat(load.run().firstRejected().getFirst().source())
        .isEqualTo(home.resolve("in/a.csv").toString());
    assertThat(List.of(load.inputs.getFirst())).containsExactly(home.resolve("in").toString());
  }

  @Test
  void loadsCompressedFilesOfADirectory() throws IOException {
    Load load = directory("a.csv");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write("id,x\nb,1\n".getBytes(StandardCharsets.UTF_8));
    }
    load.write("in/b.csv.gz", bytes.toByteArray());
    assertThat(load.texts()).containsOnlyKeys("acsv", "b");
  }

  @Test
  void loadsFilesAsEntriesAndRejectsThoseThatAreTooLong() {
    Load load = new Load(home).keys();
    load.write("in/models/a.onnx", "123");
    load.write("in/b", "");
    load.write("in/.hidden", "x");
    load.input("files:" + home.resolve("in"));
    assertThat(load.texts()).isEqualTo(Map.of("models/a.onnx", "123", "b", ""));
    load.maxValueBytes = 2;
    FeatureKvException failure = load.failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(failure)
        .hasMessageContaining(
            "file "
                + home.resolve("in/models/a.onnx")
                + " has 3 bytes, more than the 2 that this table allows");
  }

  @Test
  void readsWhatOthersSourcesGive() {
    Load load = Load.of(home, "a.csv", "id,note\n2,b\n").input("notes:mine");
    assertThat(load.texts())
        .isEqualTo(Map.of("1", "{\"note\":\"this is notes:mine\"}", "2", "{\"note\":\"b\"}"));
    String digest = ShardBuild.inputsDigest(load.inputSpec());
    load.inputs.set(1, "notes:other");
    assertThat(ShardBuild.inputsDigest(load.inputSpec())).isNotEqualTo(digest);
    load.inputs.set(1, "mail:other");
    assertThat(load.failure()).hasMessage("input mail:other does not exist");
    load.inputs.set(1, "s4://other");
    assertThat(load.failure()).hasMessageContaining("addresses may begin with files, generate,");
  }
}
