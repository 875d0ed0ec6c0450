package io.featurekv.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowType;
import io.featurekv.model.RowView;
import io.featurekv.model.RowWriter;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingNode;
import io.featurekv.protocol.message.RoutingRequest;
import io.featurekv.protocol.message.RoutingShard;
import io.featurekv.protocol.message.RoutingTable;
import io.featurekv.protocol.message.RoutingVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Replays every example of docs/protocol.md through the codecs, in both directions. */
class ProtocolDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "protocol.md");
  private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```hex (\\S+)$(.*?)^```$");
  private static final Pattern HASH_ROW =
      Pattern.compile(
          "(?m)^\\| `([^`]+)`( (\\d+) times)? \\| ([0-9a-f]{16}) \\| (\\d+) \\| (\\d+) \\|$");

  /** 2026-11-22T00:00:00.789Z. */
  private static final long READ_TIME = 1_795_305_600_789L;

  private static String text;
  private static Map<String, byte[]> examples;

  @BeforeAll
  static void parse() throws IOException {
    text = Files.readString(DOCUMENT);
    examples = new LinkedHashMap<>();
    Matcher matcher = EXAMPLE.matcher(text);
    while (matcher.find()) {
      StringBuilder digits = new StringBuilder();
      matcher
          .group(2)
          .lines()
          .forEach(line -> digits.append(line.replaceAll("#.*", "").replace(" ", "")));
      byte[] previous = examples.put(matcher.group(1), HexFormat.of().parseHex(digits));
      assertThat(previous).as("two examples are named %s", matcher.group(1)).isNull();
    }
  }

  private static byte[] utf8(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuffer empty() {
    return ByteBuffer.allocate(0);
  }

  private static byte[] frame(FrameType type, int flags, int requestId, ByteBuffer body) {
    ByteBuffer out = ByteBuffer.allocate(FrameHeader.BYTES + body.remaining());
    FrameHeader.of(body.remaining(), type, flags, requestId).encode(out);
    out.put(body);
    return out.array();
  }

  /** The body of an example, after its header was compared with the text's figures. */
  private static ByteBuffer body(String name, FrameType type, int flags, int requestId) {
    ByteBuffer bytes = ByteBuffer.wrap(examples.get(name));
    assertThat(FrameHeader.decode(bytes))
        .isEqualTo(new FrameHeader(bytes.remaining(), type.code(), flags, requestId));
    return bytes;
  }

  /** What the text says the examples are, encoded by the codecs. */
  private static Map<String, byte[]> encoded() {
    Map<String, byte[]> all = new TreeMap<>();
    all.put("hello", frame(FrameType.HELLO, 0, 0, Hello.client("").encode()));
    HelloReply helloReply = new HelloReply(2, 8 << 20, 10_000, 4711, "c1", "n1", "a");
    all.put("hello-ok", frame(FrameType.HELLO_OK, 0, 0, helloReply.encode()));
    ErrorReply error = new ErrorReply(ErrorCode.NOT_FOUND, "no table 'x'");
    all.put("error", frame(FrameType.ERROR, 0, 9, error.encode()));
    all.put("ping", frame(FrameType.PING, 0, 6, empty()));
    all.put("pong", frame(FrameType.PONG, 0, 6, empty()));
    List<byte[]> keys = List.of(utf8("u1"), utf8("u2"), utf8("u3"));
    ByteBuffer batchGet = BatchGetRequest.encode("users", 7, READ_TIME, 250, keys);
    all.put("batch-get", frame(FrameType.BATCH_GET, 0, 1, batchGet));
    all.put("batch-values", frame(FrameType.BATCH_VALUES, 0, 1, values()));
    List<byte[]> binaryKeys = List.of(new byte[] {0, (byte) 0xFF}, utf8("u1"));
    all.put(
        "batch-get-no-forward",
        frame(
            FrameType.BATCH_GET,
            BatchGetRequest.NO_FORWARD,
            2,
            BatchGetRequest.encode("users", 0, 0, 100, binaryKeys)));
    all.put("batch-values-deferred", frame(FrameType.BATCH_VALUES, 0, 2, deferredValues()));
    all.put("scan", frame(FrameType.SCAN, 0, 3, scan().encode()));
    ScanRequest whole = new ScanRequest("users", 7, 0, 0, 1000, 10_000, 1 << 20, null, false, null);
    all.put("scan-first", frame(FrameType.SCAN, 0, 4, whole.encode()));
    all.put("scan-page", frame(FrameType.SCAN_PAGE, 0, 3, page().encode()));
    all.put(
        "batch-get-columns",
        frame(
            FrameType.BATCH_GET,
            BatchGetRequest.COLUMNS,
            10,
            BatchGetRequest.encode(
                "people",
                3,
                0,
                250,
                List.of(utf8("ada"), utf8("bob")),
                ColumnNames.encode(List.of("born", "emb")))));
    all.put("batch-values-columns", frame(FrameType.BATCH_VALUES, 0, 10, rows()));
    all.put("scan-columns", frame(FrameType.SCAN, 0, 11, scanOfColumns().encode()));
    all.put("scan-page-columns", frame(FrameType.SCAN_PAGE, 0, 11, pageOfRows()));
    ByteBuffer request =
        ByteBuffer.wrap(RoutingRequest.newBuilder().addTables("users").build().toByteArray());
    all.put("watch-routing", frame(FrameType.WATCH_ROUTING, 0, 5, request));
    all.put("routing", frame(FrameType.ROUTING, 0, 5, ByteBuffer.wrap(routing().toByteArray())));
    all.put("cancel", frame(FrameType.CANCEL, 0, 5, empty()));
    return all;
  }

  private static ByteBuffer values() {
    ByteBuffer out = ByteBuffer.allocate(100);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(7, 4711, 3);
    out.put(writer.found(3), utf8("red"));
    writer.absent();
    writer.failed(ErrorCode.UNAVAILABLE, "n2 is down");
    return out.flip();
  }

  private static ByteBuffer deferredValues() {
    ByteBuffer out = ByteBuffer.allocate(100);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(8, 4712, 2);
    assertThat(writer.found(0)).isEqualTo(out.position());
    writer.deferred();
    return out.flip();
  }

  private static ByteBuffer rows() {
    RowSchema shape = RowSchema.shape(RowColumn.parseAll("born:int64?,emb:list<float>?"));
    RowWriter row = new RowWriter(shape);
    ByteBuffer out = ByteBuffer.allocate(100);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(3, 4713, 2);
    writer.shape(RowShape.encode(shape));
    row.begin();
    row.setLong(0, 1815);
    row.setFloats(1, new float[] {1.5f, -2});
    row.finish();
    out.put(writer.found(row.length()), row.toBytes());
    row.begin();
    row.setLong(0, 1920);
    row.finish();
    out.put(writer.found(row.length()), row.toBytes());
    return out.flip();
  }

  private static ScanRequest scanOfColumns() {
    return new ScanRequest("people", 3, 0, 0, 1000, 1, 65_536, null, false, null, List.of());
  }

  private static ByteBuffer pageOfRows() {
    RowSchema shape =
        RowSchema.shape(RowColumn.parseAll("name:string?,on:bool?,score:float?,raw:bytes?"));
    RowWriter row = new RowWriter(shape);
    row.begin();
    row.setString(0, "ada");
    row.setBoolean(1, true);
    row.setFloat(2, 0.5f);
    row.setBytes(3, new byte[] {1, 2}, 0, 2);
    row.finish();
    return new ScanReply(3, true, List.of(new ScanReply.Entry(utf8("ada"), row.toBytes())))
        .encode(RowShape.encode(shape));
  }

  private static ScanRequest scan() {
    return new ScanRequest(
        "users", 7, READ_TIME, 2, 1000, 100, 65_536, utf8("u1"), false, utf8("u9"));
  }

  private static ScanReply page() {
    return new ScanReply(
        7,
        true,
        List.of(
            new ScanReply.Entry(utf8("u3"), utf8("blue")),
            new ScanReply.Entry(utf8("u5"), utf8("green"))));
  }

  private static Routing routing() {
    RoutingShard shard = RoutingShard.newBuilder().addNodes(0).addNodes(1).build();
    return Routing.newBuilder()
        .setClusterId("c1")
        .setMetadataIndex(4711)
        .setReadTimeMillis(READ_TIME)
        .addNodes(node("n1", "a", "10.0.0.1:7400"))
        .addNodes(node("n2", "b", "10.0.0.2:7400"))
        .addTables(
            RoutingTable.newBuilder()
                .setId(12)
                .setName("users")
                .setKind("mem")
                .setActiveVersion(7)
                .addVersions(
                    RoutingVersion.newBuilder().setVersion(7).addShards(shard).addShards(shard)))
        .build();
  }

  private static RoutingNode node(String id, String sect, String listen) {
    return RoutingNode.newBuilder().setId(id).setSect(sect).setListen(listen).setUp(true).build();
  }

  @Test
  void everyExampleIsWhatTheCodecsWrite() {
    Map<String, byte[]> encoded = encoded();
    assertThat(examples.keySet()).containsExactlyInAnyOrderElementsOf(encoded.keySet());
    encoded.forEach(
        (name, bytes) -> assertThat(examples.get(name)).as(name).containsExactly(bytes));
  }

  @Test
  void handshakeExamplesReadAsTheTextSays() {
    assertThat(Hello.decode(body("hello", FrameType.HELLO, 0, 0))).isEqualTo(Hello.client(""));
    assertThat(HelloReply.decode(body("hello-ok", FrameType.HELLO_OK, 0, 0)))
        .isEqualTo(
            new HelloReply(
                2, Limits.MAX_REQUEST_FRAME_BYTES, Limits.MAX_BATCH_KEYS, 4711, "c1", "n1", "a"));
    assertThat(ErrorReply.decode(body("error", FrameType.ERROR, 0, 9)))
        .isEqualTo(new ErrorReply(ErrorCode.NOT_FOUND, "no table 'x'"));
    assertThat(body("ping", FrameType.PING, 0, 6).remaining()).isZero();
    assertThat(body("pong", FrameType.PONG, 0, 6).remaining()).isZero();
    assertThat(body("cancel", FrameType.CANCEL, 0, 5).remaining()).isZero();
  }

  @Test
  void batchExamplesReadAsTheTextSays() {
    BatchGetRequest request = BatchGetRequest.decode(body("batch-get", FrameType.BATCH_GET, 0, 1));
    assertThat(request.table()).isEqualTo("users");
    assertThat(request.version()).isEqualTo(7);
    assertThat(request.readTimeMillis()).isEqualTo(READ_TIME);
    assertThat(request.timeoutMillis()).isEqualTo(250);
    assertThat(request.count()).isEqualTo(3);
    assertThat(request.key(2)).isEqualTo(utf8("u3"));

    BatchValues values = BatchValues.decode(body("batch-values", FrameType.BATCH_VALUES, 0, 1));
    assertThat(values.version()).isEqualTo(7);
    assertThat(values.metadataIndex()).isEqualTo(4711);
    assertThat(values.count()).isEqualTo(3);
    assertThat(values.value(0)).isEqualTo(ByteBuffer.wrap(utf8("red")));
    assertThat(values.status(1)).isEqualTo(ValueStatus.ABSENT);
    assertThat(values.errorCode(2)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(values.errorMessage(2)).isEqualTo("n2 is down");

    BatchGetRequest binary =
        BatchGetRequest.decode(
            body("batch-get-no-forward", FrameType.BATCH_GET, BatchGetRequest.NO_FORWARD, 2));
    assertThat(binary.version()).isZero();
    assertThat(binary.key(0)).containsExactly(0, 0xFF);

    BatchValues deferred =
        BatchValues.decode(body("batch-values-deferred", FrameType.BATCH_VALUES, 0, 2));
    assertThat(deferred.version()).isEqualTo(8);
    assertThat(deferred.value(0).remaining()).isZero();
    assertThat(deferred.status(1)).isEqualTo(ValueStatus.DEFERRED);
  }

  @Test
  void scanExamplesReadAsTheTextSays() {
    ScanRequest request = ScanRequest.decode(body("scan", FrameType.SCAN, 0, 3));
    assertThat(request).usingRecursiveComparison().isEqualTo(scan());
    ScanRequest whole = ScanRequest.decode(body("scan-first", FrameType.SCAN, 0, 4));
    assertThat(whole.from()).isNull();
    assertThat(whole.to()).isNull();
    ScanReply page = ScanReply.decode(body("scan-page", FrameType.SCAN_PAGE, 0, 3));
    assertThat(page).usingRecursiveComparison().isEqualTo(page());
  }

  @Test
  void examplesOfColumnsReadAsTheTextSays() {
    BatchGetRequest request =
        BatchGetRequest.decode(
            body("batch-get-columns", FrameType.BATCH_GET, BatchGetRequest.COLUMNS, 10),
            BatchGetRequest.COLUMNS);
    assertThat(request.columns()).containsExactly("born", "emb");
    BatchValues values =
        BatchValues.decode(body("batch-values-columns", FrameType.BATCH_VALUES, 0, 10), true);
    assertThat(rowOf(values.shape(), values.value(0)))
        .isEqualTo("{\"born\":1815,\"emb\":[1.5,-2.0]}");
    assertThat(rowOf(values.shape(), values.value(1))).isEqualTo("{\"born\":1920,\"emb\":null}");

    ScanRequest scan = ScanRequest.decode(body("scan-columns", FrameType.SCAN, 0, 11));
    assertThat(scan).isEqualTo(scanOfColumns());
    ScanReply page = ScanReply.decode(body("scan-page-columns", FrameType.SCAN_PAGE, 0, 11), true);
    assertThat(rowOf(page.shape(), ByteBuffer.wrap(page.entries().get(0).value())))
        .isEqualTo("{\"name\":\"ada\",\"on\":true,\"score\":0.5,\"raw\":\"AQI=\"}");
  }

  private static String rowOf(RowSchema shape, ByteBuffer row) {
    return RowJson.of(new RowView(shape).wrap(RowBytes.of(row), row.position(), row.remaining()));
  }

  @Test
  void everyColumnTypeIsInTheText() {
    for (RowType type : RowType.values()) {
      assertThat(text).contains("| " + type.code() + " | " + type.word() + " |");
    }
  }

  @Test
  void routingExamplesReadAsTheTextSays() throws IOException {
    ByteBuffer request = body("watch-routing", FrameType.WATCH_ROUTING, 0, 5);
    assertThat(RoutingRequest.parseFrom(request).getTablesList()).containsExactly("users");
    assertThat(Routing.parseFrom(body("routing", FrameType.ROUTING, 0, 5))).isEqualTo(routing());
  }

  @Test
  void hashTableIsRight() {
    Matcher row = HASH_ROW.matcher(text);
    int rows = 0;
    while (row.find()) {
      int times = row.group(3) == null ? 1 : Integer.parseInt(row.group(3));
      long hash = KeyHash.of(utf8(row.group(1).repeat(times)));
      assertThat(HexFormat.of().toHexDigits(hash)).isEqualTo(row.group(4));
      assertThat(KeyHash.shardOf(hash, 8)).isEqualTo(Integer.parseInt(row.group(5)));
      assertThat(KeyHash.shardOf(hash, 1000)).isEqualTo(Integer.parseInt(row.group(6)));
      rows++;
    }
    assertThat(rows).isGreaterThanOrEqualTo(12);
  }

  @Test
  void everyTypeAndErrorCodeIsInTheText() {
    for (FrameType type : FrameType.values()) {
      if (type.code() < 16) {
        assertThat(text).contains("| " + type.code() + " | " + type.name() + " |");
      } else {
        assertThat(type.code()).isBetween(16, 42);
      }
    }
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(text).contains("| " + code.code() + " | " + code.name() + " |");
    }
  }
}
