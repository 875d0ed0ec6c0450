package io.featurekv.node.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import io.featurekv.model.ReadClock;
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
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.EntryOrder;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BATCH_GET from the socket to the files and back. */
class BatchGetHandlerTest {
  private static final int SHARDS = 3;
  private static final long VERSION = 5;
  private static final long WAIT_MILLIS = 30_000;

  @TempDir private Path directory;
  private final ReadTallies tallies = new ReadTallies();
  private final Admission admission = new Admission(1_000);
  private final ConcurrentLinkedQueue<Runnable> pool = new ConcurrentLinkedQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Connection connection;

  @BeforeEach
  void start() {
    EventLoops loops = EventLoops.start(IoTransport.best(), 1);
    open.add(loops);
    Transport transport = Transport.start(1);
    open.add(transport);
    MetadataScript metadata = new MetadataScript();
    Peers peers = new Peers(transport, metadata::metadata, Hello.peer("", "n0"), "n0");
    open.add(peers);
    ServingCatalog catalog = new ServingCatalog();
    catalog.show(
        new ServingCatalog.Picture(
            9,
            Map.of(
                "mem", table("mem", TableKind.MEM, 1000, 100),
                "idx", table("idx", TableKind.IDX, 1000, 100),
                "large", table("large", TableKind.MEM, 40, 1_000_000))));
    BatchReads reads =
        new BatchReads(catalog, pool::add, peers, tallies, new ReadClock(() -> 0, () -> 1_000));
    NodeServer server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity("c", "n0", "a", () -> 9),
            Map.<FrameType, RequestHandler>of(FrameType.BATCH_GET, new BatchGetHandler(reads)),
            admission);
    open.add(server);
    connection =
        transport
            .connect(
                new Endpoint("127.0.0.1", server.port()),
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

  private ServedTable table(String name, TableKind kind, int entries, int valueBytes) {
    Map<Integer, List<byte[]>> byShard = new HashMap<>();
    for (int i = 0; i < entries; i++) {
      byte[] key = key(i);
      byShard
          .computeIfAbsent(KeyHash.shardOf(KeyHash.of(key), SHARDS), _ -> new ArrayList<>())
          .add(key);
    }
    List<@Nullable ShardChain> chains = new ArrayList<>();
    List<List<String>> elsewhere = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      chains.add(chain(name, kind, shard, byShard.getOrDefault(shard, List.of()), valueBytes));
      elsewhere.add(List.of());
    }
    return ServedTable.of(
        name, VERSION, Map.of(VERSION, ServedVersion.of(VERSION, kind, chains, elsewhere)));
  }

  private ShardChain chain(
      String name, TableKind kind, int shard, List<byte[]> keys, int valueBytes) {
    ShardFileSpec spec =
        new ShardFileSpec(new ShardFileId(name, VERSION, shard), SHARDS, kind, UpdateMode.FULL);
    Path file = directory.resolve(name + shard);
    List<byte[]> sorted = new ArrayList<>(keys);
    sorted.sort(
        EntryOrder.of(kind) == EntryOrder.BY_KEY
            ? Arrays::compareUnsigned
            : Comparator.comparing(
                KeyHash::of, (left, right) -> Long.compareUnsigned(left, right)));
    try (ShardWriter writer =
        ShardFiles.create(file, spec, ShardBuildOptions.forEntries(keys.size()))) {
      for (byte[] key : sorted) {
        byte[] value = value(key, valueBytes);
        writer.put(key, 0, key.length, value, 0, value.length);
      }
      writer.seal();
    }
    OpenShardFile opened = ShardFiles.open(file, spec);
    open.add(opened);
    ShardChain chain = ShardChain.of(List.of(opened));
    open.add(chain);
    return chain;
  }

  private static byte[] key(int i) {
    return "key-%08d".formatted(i).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] value(byte[] key, int bytes) {
    byte[] value = new byte[bytes];
    Arrays.fill(value, (byte) KeyHash.of(key));
    return value;
  }

  private CompletableFuture<Reply> ask(String table, int timeoutMillis, List<byte[]> keys) {
    return connection.call(
        FrameType.BATCH_GET,
        0,
        BatchGetRequest.encode(table, 0, 0, timeoutMillis, keys),
        WAIT_MILLIS);
  }

  private static List<byte[]> keys(int from, int to) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = from; i < to; i++) {
      keys.add(key(i));
    }
    return keys;
  }

  @Test
  void memoryAnswersOnTheEventLoopEachKeyInItsPlace() {
    List<byte[]> keys = keys(800, 1200);
    BatchValues values = BatchValues.decode(ask("mem", 10_000, keys).join().body());
    assertThat(values.version()).isEqualTo(VERSION);
    assertThat(values.metadataIndex()).isEqualTo(9);
    for (int i = 0; i < keys.size(); i++) {
      if (i < 200) {
        assertThat(values.value(i)).isEqualTo(ByteBuffer.wrap(value(keys.get(i), 100)));
      } else {
        assertThat(values.status(i)).isEqualTo(ValueStatus.ABSENT);
      }
    }
    assertThat(pool).isEmpty();
    await().until(() -> tallies.found() == 200 && tallies.absent() == 200);
  }

  @Test
  void manySmallBatchesAtOnceAreEachAnswered() {
    List<CompletableFuture<Reply>> replies = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      replies.add(ask("mem", 10_000, keys(i, i + 1)));
    }
    for (int i = 0; i < 1000; i++) {
      BatchValues values = BatchValues.decode(replies.get(i).join().body());
      assertThat(values.value(0)).isEqualTo(ByteBuffer.wrap(value(key(i), 100)));
    }
  }

  @Test
  void replyThatIsFullDefersTheRest() {
    BatchValues values = BatchValues.decode(ask("large", 10_000, keys(0, 40)).join().body());
    int fitting = Limits.REPLY_SOFT_LIMIT_BYTES / 1_000_010;
    assertThat(values.status(fitting - 1)).isEqualTo(ValueStatus.FOUND);
    assertThat(values.status(fitting)).isEqualTo(ValueStatus.DEFERRED);
    assertThat(values.value(0)).isEqualTo(ByteBuffer.wrap(value(key(0), 1_000_000)));
  }

  @Test
  void batchWhoseDeadlinePassedIsDroppedAndCounted() {
    CompletableFuture<Reply> reply = ask("idx", 1, keys(0, 10));
    await().until(() -> !pool.isEmpty());
    long came = System.nanoTime();
    await().until(() -> System.nanoTime() - came > 2_000_000);
    pool.remove().run();
    assertThatThrownBy(reply::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE));
    assertThat(tallies.late()).isEqualTo(1);
    assertThat(tallies.batches()).isZero();
  }

  @Test
  void readsBeyondTheBytesInFlightAreRefusedAtOnceAndTakenAgainLater() {
    CompletableFuture<Reply> waiting = ask("idx", 20_000, keys(0, 500));
    await().until(() -> !pool.isEmpty());
    assertThat(admission.bytes()).isGreaterThan(admission.maxBytes());
    assertThatThrownBy(() -> ask("mem", 10_000, keys(0, 1)).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    assertThat(tallies.refused()).isEqualTo(1);
    pool.remove().run();
    assertThat(BatchValues.decode(waiting.join().body()).count()).isEqualTo(500);
    await().until(() -> admission.bytes() == 0);
    assertThat(BatchValues.decode(ask("mem", 10_000, keys(0, 1)).join().body()).status(0))
        .isEqualTo(ValueStatus.FOUND);
  }

  @Test
  void brokenBatchIsAnErrorAndTheConnectionGoesOn() {
    ByteBuffer good = BatchGetRequest.encode("mem", 0, 0, 1000, keys(0, 2));
    ByteBuffer cut = good.duplicate().limit(good.limit() - 1);
    assertThatThrownBy(() -> connection.call(FrameType.BATCH_GET, 0, cut, WAIT_MILLIS).join())
        .cause()
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL));
    assertThatThrownBy(() -> ask("nobody", 1000, keys(0, 1)).join())
        .cause()
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    assertThat(BatchValues.decode(ask("mem", 1000, keys(0, 2)).join().body()).count()).isEqualTo(2);
  }
}
