package io.featurekv.node.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Duty;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import io.featurekv.model.ReadClock;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import io.featurekv.model.RowWriter;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.control.MetadataScript;
import io.featurekv.node.control.Peers;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.IoTransport;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.server.RequestHandler;
import io.featurekv.node.server.ServerIdentity;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ColumnNames;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import io.featurekv.storage.ShardWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns of rows, from the socket to the files and back, here and on the node next door. */
class RowReadsTest {
  private static final int SHARDS = 2;
  private static final long VERSION = 5;
  private static final int ENTRIES = 40;
  private static final long WAIT_MILLIS = 30_000;

  /** The first entry of shard 0: its value is no row. */
  private static final int NO_ROW = firstOf(0);

  /** In turn the entries were written under the first and the second. */
  private static final RowSchema FIRST =
      RowSchema.of(RowColumn.parseAll("name:string,score:float,emb:list<float>?"));

  private static final RowSchema SECOND =
      FIRST.evolve(
          "people", FIRST.with(RowColumn.parseAll("score:double,age:int64=18,tag:bytes?")));

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final EventLoops loops = EventLoops.start(IoTransport.best(), 2);
  private final MetadataScript metadata = new MetadataScript();
  private final ServingCatalog nextDoor = new ServingCatalog();
  private Connection connection;

  /** n0, which is asked, has shard 0 open; n1 has shard 1. */
  @BeforeEach
  void start() {
    open.add(loops);
    Transport transport = Transport.start(1);
    open.add(transport);
    ShardChain here = chain(0);
    ShardChain there = chain(1);
    ServingCatalog catalog = new ServingCatalog();
    catalog.show(picture(SECOND, Arrays.asList(here, null), List.of(List.of(), List.of("n1"))));
    nextDoor.show(picture(SECOND, Arrays.asList(null, there), List.of(List.of(), List.of())));
    NodeServer other = serve("n1", nextDoor, transport);
    metadata.apply(
        new Command.RegisterNode(
            "n1",
            0,
            "a",
            EnumSet.allOf(Duty.class),
            "127.0.0.1:" + other.port(),
            "127.0.0.1:2",
            "",
            1));
    NodeServer asked = serve("n0", catalog, transport);
    connection =
        transport
            .connect(
                new Endpoint("127.0.0.1", asked.port()),
                Hello.client(""),
                Duration.ofMillis(WAIT_MILLIS))
            .join();
  }

  @AfterEach
  void stop() throws Exception {
    connection.close();
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
  }

  private NodeServer serve(String node, ServingCatalog catalog, Transport transport) {
    String cluster = metadata.metadata().clusterId();
    Peers peers = new Peers(transport, metadata::metadata, Hello.peer(cluster, node), node);
    open.add(peers);
    ReadClock clock = new ReadClock(() -> 0, System::currentTimeMillis);
    NodeServer server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity(cluster, node, "a", () -> 1),
            Map.<FrameType, RequestHandler>of(
                FrameType.BATCH_GET,
                new BatchGetHandler(
                    new BatchReads(catalog, Runnable::run, peers, new ReadTallies(), clock)),
                FrameType.SCAN,
                new ScanHandler(catalog, Runnable::run, peers, clock)),
            new Admission(Long.MAX_VALUE));
    open.add(server);
    return server;
  }

  private static ServingCatalog.Picture picture(
      RowSchema schema, List<@Nullable ShardChain> chains, List<List<String>> elsewhere) {
    ServedVersion version = ServedVersion.of(VERSION, TableKind.IDX, chains, elsewhere);
    Map<Long, ServedVersion> versions = Map.of(VERSION, version);
    return new ServingCatalog.Picture(
        1,
        Map.of(
            "people", ServedTable.of("people", VERSION, versions, schema),
            "bytes", ServedTable.of("bytes", VERSION, versions)));
  }

  private ShardChain chain(int shard) {
    ShardFileSpec spec =
        new ShardFileSpec(
            new ShardFileId("people", VERSION, shard), SHARDS, TableKind.IDX, UpdateMode.FULL);
    Path file = directory.resolve("people" + shard);
    try (ShardWriter writer = ShardFiles.create(file, spec, ShardBuildOptions.forEntries(40))) {
      for (int i = 0; i < ENTRIES; i++) {
        byte[] key = key(i);
        if (KeyHash.shardOf(KeyHash.of(key), SHARDS) == shard) {
          byte[] value = row(i);
          writer.put(key, 0, key.length, value, 0, value.length);
        }
      }
      writer.seal();
    }
    OpenShardFile opened = ShardFiles.open(file, spec);
    open.add(opened);
    ShardChain chain = ShardChain.of(List.of(opened));
    open.add(chain);
    return chain;
  }

  private static int firstOf(int shard) {
    int i = 0;
    while (KeyHash.shardOf(KeyHash.of(key(i)), SHARDS) != shard) {
      i++;
    }
    return i;
  }

  private static byte[] key(int i) {
    return "%04d".formatted(i).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] row(int i) {
    RowWriter writer = new RowWriter(i % 2 == 0 ? FIRST : SECOND);
    writer.begin();
    writer.setString(0, "n" + i);
    if (i % 2 == 0) {
      writer.setFloat(1, i / 2f);
      writer.setFloats(2, new float[] {i});
    } else {
      writer.setDouble(1, i / 2.0);
      writer.setLong(3, 100 + i);
    }
    writer.finish();
    return i == NO_ROW ? "no row".getBytes(StandardCharsets.UTF_8) : writer.toBytes();
  }

  private BatchValues ask(String table, String... columns) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i <= ENTRIES; i++) {
      keys.add(key(i));
    }
    ByteBuffer body =
        BatchGetRequest.encode(table, 0, 0, 5_000, keys, ColumnNames.encode(List.of(columns)));
    return BatchValues.decode(
        connection
            .call(FrameType.BATCH_GET, BatchGetRequest.COLUMNS, body, WAIT_MILLIS)
            .join()
            .body(),
        true);
  }

  private static String json(RowSchema shape, ByteBuffer row) {
    return RowJson.of(new RowView(shape).wrap(RowBytes.of(row), row.position(), row.remaining()));
  }

  private static String expected(int i) {
    return "{\"age\":%d,\"score\":%s,\"emb\":%s}"
        .formatted(i % 2 == 0 ? 18 : 100 + i, i / 2.0, i % 2 == 0 ? "[" + i + ".0]" : "null");
  }

  @Test
  void rowsOfEveryVersionOnEveryNodeComeAsTheColumnsThatAreAskedFor() {
    BatchValues values = ask("people", "age", "score", "emb");
    for (int i = 0; i < ENTRIES; i++) {
      if (i == NO_ROW) {
        assertThat(values.status(i)).isEqualTo(ValueStatus.FAILED);
        assertThat(values.errorMessage(i)).isEqualTo("the value is no row of the table's columns");
      } else {
        assertThat(json(values.shape(), values.value(i))).isEqualTo(expected(i));
      }
    }
    assertThat(values.status(ENTRIES)).isEqualTo(ValueStatus.ABSENT);
    assertThat(ask("people").shape().columns())
        .extracting(RowColumn::name)
        .containsExactly("name", "score", "emb", "age", "tag");
  }

  @Test
  void refusesColumnsThatAreNotThereAndSaysWhichAre() {
    assertRefused("people", "table 'people' has no column 'agee'; it has name, score, emb", "agee");
    assertRefused("people", "column 'age' is asked for twice", "age", "age");
    assertRefused("bytes", "table 'bytes' has no columns", "age");
  }

  private void assertRefused(String table, String message, String... columns) {
    assertThatThrownBy(() -> ask(table, columns))
        .cause()
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  @Test
  void allColumnsOfATableWithoutAnyAreItsValues() {
    BatchValues values = ask("bytes");
    assertThat(values.shape()).isNull();
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(values.value(i)).isEqualTo(ByteBuffer.wrap(row(i)));
    }
  }

  @Test
  void keysOfANodeThatKnowsOtherColumnsFailUntilBothKnowTheSame() {
    ServedTable known = nextDoor.current().tableFor("people");
    nextDoor.show(picture(FIRST, known.versionFor(0).chains(), known.versionFor(0).elsewhere()));
    BatchValues values = ask("people", "score");
    for (int i = 0; i < ENTRIES; i++) {
      boolean isHere = KeyHash.shardOf(KeyHash.of(key(i)), SHARDS) == 0;
      if (isHere && i != NO_ROW) {
        assertThat(values.status(i)).isEqualTo(ValueStatus.FOUND);
      } else {
        assertThat(values.status(i)).isEqualTo(ValueStatus.FAILED);
        assertThat(values.errorCode(i)).isIn(ErrorCode.TRY_AGAIN, ErrorCode.UNAVAILABLE);
      }
    }
  }

  @Test
  void scansGiveColumnsToo() {
    ScanReply page = scan(1);
    assertThat(page.entries()).isNotEmpty();
    for (ScanReply.Entry entry : page.entries()) {
      int i = Integer.parseInt(new String(entry.key(), StandardCharsets.UTF_8));
      assertThat(json(page.shape(), ByteBuffer.wrap(entry.value()))).isEqualTo(expected(i));
    }
    assertThatThrownBy(() -> scan(0)).hasMessageContaining("no row of the table's columns");
  }

  private ScanReply scan(int shard) {
    ScanRequest request =
        new ScanRequest(
            "people",
            0,
            0,
            shard,
            5_000,
            100,
            1 << 20,
            null,
            true,
            null,
            List.of("age", "score", "emb"));
    return ScanReply.decode(
        connection.call(FrameType.SCAN, 0, request.encode(), WAIT_MILLIS).join().body(), true);
  }
}
