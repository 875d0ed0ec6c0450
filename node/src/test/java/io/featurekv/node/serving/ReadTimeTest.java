package io.featurekv.node.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Duty;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ReadClock;
import io.featurekv.model.TableKind;
import io.featurekv.node.control.MetadataScript;
import io.featurekv.node.control.Peers;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.IoTransport;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.server.RequestHandler;
import io.featurekv.node.server.ServerIdentity;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.BatchValuesWriter;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.ShardChain;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The time of a read reaches whoever the read is passed on to. */
class ReadTimeTest {
  private static final long VERSION = 3;
  private static final int SHARDS = 8;
  private static final long LEADER_MILLIS = 4_000_000_000_000L;

  private final List<Long> seen = new CopyOnWriteArrayList<>();
  private final ReadClock clock = new ReadClock(() -> 0, System::currentTimeMillis);
  private final MetadataScript metadata = new MetadataScript();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final EventLoops loops = EventLoops.start(IoTransport.best(), 2);
  private Connection connection;

  /** Two nodes that hold everything, and one that holds nothing and is asked. */
  @BeforeEach
  void start() {
    open.add(loops);
    Transport transport = Transport.start(1);
    open.add(transport);
    String cluster = metadata.metadata().clusterId();
    for (String holder : List.of("n1", "n2")) {
      NodeServer server =
          serve(
              holder,
              Map.<FrameType, MessageHandler>of(
                  FrameType.BATCH_GET, this::answerBatch, FrameType.SCAN, this::answerScan));
      String listen = "127.0.0.1:" + server.port();
      metadata.apply(
          new Command.RegisterNode(
              holder, 0, "a", EnumSet.allOf(Duty.class), listen, "127.0.0.1:2", "", 1));
    }
    Peers peers = new Peers(transport, metadata::metadata, Hello.peer(cluster, "n0"), "n0");
    open.add(peers);
    ServingCatalog catalog = new ServingCatalog();
    catalog.show(new ServingCatalog.Picture(1, Map.of("t", table())));
    NodeServer asked =
        serve(
            "n0",
            Map.<FrameType, RequestHandler>of(
                FrameType.BATCH_GET,
                new BatchGetHandler(
                    new BatchReads(catalog, Runnable::run, peers, new ReadTallies(), clock)),
                FrameType.SCAN,
                new ScanHandler(catalog, Runnable::run, peers, clock)));
    connection =
        transport
            .connect(
                new Endpoint("127.0.0.1", asked.port()), Hello.client(""), Duration.ofSeconds(5))
            .join();
  }

  @AfterEach
  void stop() throws Exception {
    connection.close();
    Collections.reverse(open);
    for (AutoCloseable part : open) {
      part.close();
    }
  }

  private NodeServer serve(String node, Map<FrameType, ? extends RequestHandler> handlers) {
    NodeServer server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity(metadata.metadata().clusterId(), node, "a", () -> 1),
            handlers,
            new Admission(Long.MAX_VALUE));
    open.add(server);
    return server;
  }

  private static ServedTable table() {
    List<@Nullable ShardChain> nothing = new ArrayList<>(Collections.nCopies(SHARDS, null));
    List<List<String>> elsewhere = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      elsewhere.add(List.of(shard % 2 == 0 ? "n1" : "n2"));
    }
    return ServedTable.of(
        "t",
        VERSION,
        Map.of(VERSION, ServedVersion.of(VERSION, TableKind.IDX, nothing, elsewhere)));
  }

  private void answerBatch(Exchange exchange) {
    BatchGetRequest request = BatchGetRequest.decode(exchange.body());
    seen.add(request.readTimeMillis());
    ByteBuffer out = ByteBuffer.allocate(1000);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(VERSION, 1, request.count());
    for (int key = 0; key < request.count(); key++) {
      writer.absent();
    }
    exchange.reply(FrameType.BATCH_VALUES, out.flip());
  }

  private void answerScan(Exchange exchange) {
    seen.add(ScanRequest.decode(exchange.body()).readTimeMillis());
    exchange.reply(FrameType.SCAN_PAGE, new ScanReply(VERSION, false, List.of()).encode());
  }

  private void batch(long readTimeMillis) {
    List<byte[]> keys =
        Arrays.stream("abcdefghijklmnop".split(""))
            .map(key -> key.getBytes(StandardCharsets.UTF_8))
            .toList();
    BatchValues values =
        BatchValues.decode(
            connection
                .call(
                    FrameType.BATCH_GET,
                    0,
                    BatchGetRequest.encode("t", 0, readTimeMillis, 5_000, keys),
                    5_000)
                .join()
                .body());
    for (int key = 0; key < keys.size(); key++) {
      assertThat(values.status(key)).isEqualTo(ValueStatus.ABSENT);
    }
  }

  private void scan(long readTimeMillis) {
    ScanRequest request =
        new ScanRequest("t", 0, readTimeMillis, 1, 5_000, 10, 1000, null, true, null);
    assertThat(
            ScanReply.decode(
                    connection.call(FrameType.SCAN, 0, request.encode(), 5_000).join().body())
                .version())
        .isEqualTo(VERSION);
  }

  @Test
  void isThatOfTheClientOnEveryPart() {
    batch(77_000);
    assertThat(seen).containsExactly(77_000L, 77_000L);
    scan(78_000);
    assertThat(seen).endsWith(78_000L).hasSize(3);
  }

  @Test
  void isThatOfTheNodeWhereTheClientNamesNone() {
    clock.heard(LEADER_MILLIS);
    batch(0);
    scan(0);
    assertThat(seen).containsExactly(LEADER_MILLIS, LEADER_MILLIS, LEADER_MILLIS);
  }
}
