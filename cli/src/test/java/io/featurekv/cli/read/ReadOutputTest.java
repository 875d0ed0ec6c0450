package io.featurekv.cli.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.OutputFormat;
import io.featurekv.cli.terminal.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ReadOutputTest {
  private static final byte[] NOTHING = {};
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Session session(OutputFormat format) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    Session session =
        new Session(
            new Streams(InputStream.nullInputStream(), stream, stream, false, false), Map.of());
    new CommandLine(session.global())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(
            io.featurekv.model.Endpoint.class, new io.featurekv.cli.option.Endpoints())
        .parseArgs("-o", format.name());
    return session;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ClusterReader.Batch batch() {
    return new ClusterReader.Batch(
        7,
        List.of(
            new Reading(bytes("a"), Reading.Status.FOUND, bytes("{\"n\":1}"), ""),
            new Reading(bytes("b"), Reading.Status.ABSENT, NOTHING, ""),
            new Reading(bytes("c"), Reading.Status.FAILED, NOTHING, "too late"),
            new Reading(
                new byte[] {(byte) 0xFF}, Reading.Status.FOUND, new byte[] {(byte) 0xFE, 0}, "")));
  }

  private String written(OutputFormat format, ClusterReader.Batch... batches) throws IOException {
    try (GetOutput output = GetOutput.open(session(format), "t", KeyFormat.UTF8)) {
      for (ClusterReader.Batch batch : batches) {
        output.write(batch);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void getWritesOneJsonValue() throws IOException {
    assertThat(written(OutputFormat.JSON, batch()).strip())
        .isEqualTo(
            "{\"table\":\"t\",\"version\":7,\"results\":["
                + "{\"key\":\"a\",\"status\":\"FOUND\",\"value\":\"{\\\"n\\\":1}\"},"
                + "{\"key\":\"b\",\"status\":\"ABSENT\"},"
                + "{\"key\":\"c\",\"status\":\"FAILED\",\"error\":\"too late\"},"
                + "{\"keyBase64\":\"/w==\",\"status\":\"FOUND\",\"valueBase64\":\"/gA=\"}]}");
  }

  @Test
  void rowsAreJsonObjects() throws IOException {
    Reading reading =
        new Reading(bytes("a"), Reading.Status.FOUND, NOTHING, "", "{\"n\":1,\"s\":\"x\"}");
    ClusterReader.Batch rows = new ClusterReader.Batch(7, List.of(reading));
    assertThat(written(OutputFormat.JSON, rows))
        .contains("{\"key\":\"a\",\"status\":\"FOUND\",\"value\":{\"n\":1,\"s\":\"x\"}}");
    out.reset();
    assertThat(written(OutputFormat.TABLE, rows)).contains("a    FOUND   {\"n\":1,\"s\":\"x\"}");
  }

  @Test
  void getWritesBatchesAsOneValue() throws IOException {
    String json = written(OutputFormat.JSON, batch(), batch());
    assertThat(json.split("\"table\"", -1)).hasSize(2);
    assertThat(json.split("\"status\"", -1)).hasSize(9);
  }

  @Test
  void getWritesALineForEachKey() throws IOException {
    assertThat(written(OutputFormat.JSONL, batch()).lines())
        .hasSize(4)
        .allMatch(line -> line.startsWith("{\"table\":\"t\",\"version\":7,"));
  }

  @Test
  void getWritesATable() throws IOException {
    assertThat(written(OutputFormat.TABLE, batch()).lines().toList())
        .containsExactly(
            "KEY   STATUS  VALUE",
            "a     FOUND   {\"n\":1}",
            "b     ABSENT  -",
            "c     FAILED  too late",
            "0xff  FOUND   base64:/gA=");
  }

  @Test
  void aPrefixIsARangeThatBoundsNarrow() {
    assertThat(ScanCommand.range(bytes("ab"), null, null))
        .satisfies(
            range -> {
              assertThat(range.from()).isEqualTo(bytes("ab"));
              assertThat(range.to()).isEqualTo(bytes("ac"));
            });
    assertThat(ScanCommand.range(bytes("ab"), bytes("abz"), bytes("z")))
        .satisfies(
            range -> {
              assertThat(range.from()).isEqualTo(bytes("abz"));
              assertThat(range.to()).isEqualTo(bytes("ac"));
            });
    assertThat(ScanCommand.range(new byte[] {1, (byte) 0xFF}, null, null).to())
        .isEqualTo(new byte[] {2});
    assertThat(ScanCommand.range(new byte[] {(byte) 0xFF}, null, null).to()).isNull();
  }
}
