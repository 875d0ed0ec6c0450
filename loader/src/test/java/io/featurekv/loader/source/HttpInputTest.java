package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads over http from a server that breaks connections, refuses, and changes what it serves. */
class HttpInputTest {
  private static final int ROWS = 4_000;
  private static final HttpPatience HASTE =
      new HttpPatience(Duration.ofSeconds(10), Duration.ofMillis(1));

  @TempDir Path home;
  private FaultyServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FaultyServer();
    server.content = csv();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static byte[] csv() {
    StringBuilder csv = new StringBuilder("id,x\n");
    for (int i = 0; i < ROWS; i++) {
      csv.append(i).append(i % 100 == 0 ? ",\"a\nb\"\n" : ",plain\n");
    }
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Input input(String path) {
    return new HttpProvider(HASTE).find(server.address(path), Reading.PLAIN).getFirst();
  }

  private List<String> expected(String name) throws IOException {
    Path path = Files.write(home.resolve(name), server.content);
    Input input = Inputs.find(List.of(path.toString()), Reading.PLAIN).getFirst();
    return PartReading.rows(input, Long.MAX_VALUE);
  }

  @Test
  void readsWholeAndInParts() throws IOException {
    List<String> expected = expected("a.csv");
    assertThat(expected).hasSize(ROWS);
    Input input = input("/a.csv?token=a.b/c");
    assertThat(input.isShared()).isTrue();
    assertThat(input.lengthBytes()).isEqualTo(server.content.length);
    assertThat(PartReading.rows(input, Long.MAX_VALUE)).isEqualTo(expected);
    assertThat(input.parts(0, 8_000).size()).isGreaterThan(4);
    assertThat(PartReading.rows(input, 8_000)).isEqualTo(expected);
  }

  @Test
  void goesOnWhereAConnectionBreaks() throws IOException {
    List<String> expected = expected("a.csv");
    Input input = input("/a.csv");
    server.breakAfterBytes = 4_000;
    int before = server.requests.get();
    assertThat(PartReading.rows(input, Long.MAX_VALUE)).isEqualTo(expected);
    assertThat(server.requests.get() - before).isGreaterThan(server.content.length / 4_001);
    assertThat(PartReading.rows(input, 12_000)).isEqualTo(expected);
  }

  @Test
  void triesAgainWhereTheServerIsOverloaded() throws IOException {
    List<String> expected = expected("a.csv");
    server.failures.set(2);
    Input input = input("/a.csv");
    server.failures.set(3);
    assertThat(PartReading.rows(input, Long.MAX_VALUE)).isEqualTo(expected);
  }

  @Test
  void givesUpAfterSomeAttempts() {
    server.failures.set(Integer.MAX_VALUE);
    assertThatThrownBy(() -> input("/a.csv"))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("/a.csv cannot be asked for; tried 7 times")
        .hasMessageContaining("503");
    assertThat(server.requests).hasValue(HttpRetries.MAX_ATTEMPTS);
  }

  @Test
  void goesOnWhereTheServerFallsSilent() throws IOException {
    List<String> expected = expected("a.csv");
    HttpPatience impatient = new HttpPatience(Duration.ofMillis(300), Duration.ofMillis(1));
    Input input =
        new HttpProvider(impatient).find(server.address("/a.csv"), Reading.PLAIN).getFirst();
    server.silences.set(1);
    assertThat(PartReading.rows(input, Long.MAX_VALUE)).isEqualTo(expected);
    assertThat(server.silences).hasValue(0);
  }

  @Test
  void refusesWhatHasChangedMeanwhile() throws IOException {
    Input input = input("/a.csv");
    try (RowSource source = input.open(input.parts(0, Long.MAX_VALUE).getFirst())) {
      assertThat(source.next()).isTrue();
    }
    server.etag = "\"other\"";
    assertThatThrownBy(() -> PartReading.rows(input, Long.MAX_VALUE))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("has changed since the load began: it was of")
        .hasMessageContaining("ETag \"one\"")
        .hasMessageContaining("ETag \"other\"");
    assertThat(input("/a.csv").identity()).isNotEqualTo(input.identity());
    server.content = "id,x\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> PartReading.rows(input, 12_000)).hasMessageContaining("has changed");
  }

  @Test
  void readsOnceFromTheStartWhereThereAreNoRanges() throws IOException {
    List<String> expected = expected("a.csv");
    server.answersRanges = false;
    Input input = input("/a.csv");
    assertThat(input.parts(0, 1)).hasSize(1);
    assertThat(PartReading.rows(input, 1)).isEqualTo(expected);
    server.breakAfterBytes = 4_000;
    assertThatThrownBy(() -> PartReading.rows(input, 1))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("broke off after ")
        .hasMessageContaining("does not answer range requests");
  }

  @Test
  void readsCompressedText() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(server.content);
    }
    List<String> expected = expected("a.csv");
    server.content = bytes.toByteArray();
    server.breakAfterBytes = 3000;
    assertThat(PartReading.rows(input("/a.csv.gz?x=1"), 1)).isEqualTo(expected);
    server.answersRanges = false;
    server.breakAfterBytes = Integer.MAX_VALUE;
    assertThat(PartReading.rows(input("/a.csv.gz"), 1)).isEqualTo(expected);
  }

  @Test
  void readsParquetByRanges() throws IOException {
    try (InputStream in =
        HttpInputTest.class.getResourceAsStream("/parquet/diff_numbers_multi.parquet")) {
      server.content = in.readAllBytes();
    }
    List<String> expected = expected("a.parquet");
    Input input = input("/a.parquet");
    server.breakAfterBytes = 1000;
    assertThat(PartReading.rows(input, 1)).isEqualTo(expected);
    server.answersRanges = false;
    server.breakAfterBytes = Integer.MAX_VALUE;
    assertThatThrownBy(() -> input("/a.parquet"))
        .hasMessageContaining("Parquet cannot be read from http")
        .hasMessageContaining("range requests");
  }

  @Test
  void readsWhatIsEmpty() throws IOException {
    server.content = new byte[0];
    Input input = input("/a.csv");
    assertThat(input.lengthBytes()).isZero();
    assertThat(PartReading.rows(input, 1)).isEmpty();
  }

  @Test
  void refusesAddressesThatNameNoFile() {
    assertThatThrownBy(() -> input("/none/a.csv"))
        .hasMessageContaining("/none/a.csv cannot be read: the server answers 404");
    assertThatThrownBy(() -> input("/in/"))
        .hasMessageContaining("is a directory, which cannot be listed over http");
    assertThatThrownBy(() -> input("/a.txt")).hasMessageContaining("--format");
    assertThatThrownBy(() -> Inputs.find(List.of("http:///a.csv"), Reading.PLAIN))
        .hasMessageContaining("names no host");
    assertThatThrownBy(() -> Inputs.find(List.of("s4://bucket/a.csv"), Reading.PLAIN))
        .hasMessageContaining("no source reads s4://bucket/a.csv")
        .hasMessageContaining("files, generate, http, https");
  }
}
