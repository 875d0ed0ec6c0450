package io.featurekv.node.shipping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.client.transport.Transport;
import io.featurekv.model.Digest;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.MetadataScript;
import io.featurekv.node.control.Peers;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.IoTransport;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.server.ServerIdentity;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.PieceRequest;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching from nodes that send what they should not. */
class FileFetchTest {
  private static final FileKey ID = FileKey.own(new ShardFileId("t", 1, 0));

  @TempDir Path directory;
  private final byte[] content = new byte[3 * PieceList.PIECE_BYTES + 99];
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final MetadataScript script = new MetadataScript();
  private volatile Optional<Digest> opened = Optional.empty();
  private PieceList pieces;
  private FileManifest manifest;
  private FileStore store;
  private Peers peers;

  private final ShippingMetrics metrics =
      new ShippingMetrics() {
        @Override
        public void pieceReceived(int bytes) {}

        @Override
        public void pieceLinked(int bytes) {}

        @Override
        public void pieceSent(int bytes) {}

        @Override
        public void pieceFailed() {
          failed.incrementAndGet();
        }
      };

  /** What a fake node does with a piece before it sends it. */
  private interface Mischief {
    byte[] send(int piece, byte[] bytes);
  }

  private final EventLoops loops = EventLoops.start(IoTransport.best(), 1);

  @BeforeEach
  void prepare() {
    new Random(7).nextBytes(content);
    List<Digest> digests = new ArrayList<>();
    for (int piece = 0; piece < PieceList.pieceCount(content.length); piece++) {
      digests.add(Digest.of(Digest.sha256().digest(bytes(piece))));
    }
    pieces = new PieceList(content.length, digests);
    manifest = new FileManifest(content.length, pieces.digest(), 1, 0);
    store = new FileStore(directory, 0);
    Transport transport = Transport.start(1);
    open.add(transport);
    open.add(loops);
    peers = new Peers(transport, script::metadata, Hello.tool(""), "");
    open.add(peers);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
  }

  private byte[] bytes(int piece) {
    int offset = (int) PieceList.offsetOf(piece);
    int length = Math.min(PieceList.PIECE_BYTES, content.length - offset);
    return java.util.Arrays.copyOfRange(content, offset, offset + length);
  }

  private void node(String id, PieceList list, Mischief mischief) {
    Map<FrameType, MessageHandler> handlers = new EnumMap<>(FrameType.class);
    handlers.put(FrameType.GET_PIECES, x -> x.reply(FrameType.PIECES, list.encode()));
    handlers.put(
        FrameType.ASK_FILE, new AskFileHandler(key -> CompletableFuture.completedFuture(opened)));
    handlers.put(
        FrameType.GET_PIECE,
        exchange -> {
          int piece = PieceRequest.decode(exchange.body()).piece();
          byte[] good = bytes(piece);
          CRC32C crc = new CRC32C();
          crc.update(good);
          byte[] actual = mischief.send(piece, good.clone());
          ByteBuffer body = ByteBuffer.allocate(4 + actual.length).order(ByteOrder.LITTLE_ENDIAN);
          body.putInt((int) crc.getValue()).put(actual).flip();
          sent.incrementAndGet();
          exchange.reply(FrameType.PIECE, body);
        });
    NodeServer server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity("", id, "a", () -> 0),
            handlers,
            new Admission(Long.MAX_VALUE));
    open.add(server);
    script.apply(
        new io.featurekv.metadata.Command.RegisterNode(
            id,
            0,
            "a",
            EnumSet.allOf(io.featurekv.metadata.Duty.class),
            "127.0.0.1:" + server.port(),
            "127.0.0.1:1",
            "",
            1));
  }

  @Test
  void pieceFlippedOnItsWayIsAskedForAgain() throws Exception {
    Map<Integer, Boolean> spoilt = new ConcurrentHashMap<>();
    node(
        "n1",
        pieces,
        (piece, bytes) -> {
          if (piece == 1 && spoilt.putIfAbsent(piece, true) == null) {
            bytes[1000] ^= 2;
          }
          return bytes;
        });
    StoredFile file =
        new FileFetch(store, peers, metrics, bytes -> {})
            .fetch(ID, manifest, List.of("n1"), false, () -> true);
    assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
    assertThat(failed).hasValue(1);
    assertThat(sent).hasValue(pieces.pieces().size() + 1);
  }

  @Test
  void sourceThatAlwaysLiesIsReplacedByOneThatDoesNot() throws Exception {
    node(
        "n1",
        pieces,
        (piece, bytes) -> {
          bytes[0] ^= 1;
          return bytes;
        });
    node("n2", pieces, (piece, bytes) -> bytes);
    StoredFile file =
        new FileFetch(store, peers, metrics, bytes -> {})
            .fetch(ID, manifest, List.of("n1", "n2"), false, () -> true);
    assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
  }

  @Test
  void listThatTheManifestDoesNotProveIsRefused() {
    PieceList other = new PieceList(pieces.lengthBytes(), pieces.pieces().reversed());
    node("n1", other, (piece, bytes) -> bytes);
    assertThatThrownBy(
            () ->
                new FileFetch(store, peers, metrics, bytes -> {})
                    .fetch(ID, manifest, List.of("n1"), false, () -> true))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("metadata proves");
    assertThat(sent).hasValue(0);
  }

  @Test
  void aFileIsOpenWhereANodeSaysSoOfTheseBytes() {
    opened = Optional.of(pieces.digest());
    node("n1", pieces, (piece, bytes) -> bytes);
    FileFetch fetch = new FileFetch(store, peers, metrics, bytes -> {});
    assertThat(fetch.isOpenOn("n1", ID, pieces.digest()).join()).isTrue();
    assertThat(fetch.isOpenOn("nobody", ID, pieces.digest()).join()).isFalse();
    opened = Optional.of(Digest.of(new byte[Digest.BYTES]));
    assertThat(fetch.isOpenOn("n1", ID, pieces.digest()).join()).as("another file").isFalse();
    opened = Optional.empty();
    assertThat(fetch.isOpenOn("n1", ID, pieces.digest()).join()).as("here, not open").isFalse();
  }

  @Test
  void fetchThatBrokeOffGoesOnWhereItWas() throws Exception {
    node("bad", pieces, (piece, bytes) -> piece == 3 ? new byte[0] : bytes);
    assertThatThrownBy(
            () ->
                new FileFetch(store, peers, metrics, bytes -> {})
                    .fetch(ID, manifest, List.of("bad"), false, () -> true))
        .hasMessageContaining("piece 3 of t/1/0");
    sent.set(0);
    node("good", pieces, (piece, bytes) -> bytes);
    StoredFile file =
        new FileFetch(store, peers, metrics, bytes -> {})
            .fetch(ID, manifest, List.of("good"), false, () -> true);
    assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
    assertThat(sent).hasValue(1);
  }

  /** By old metadata the file of a later attempt is not the right one, and nobody has that. */
  @Test
  void whatIsToBeReplacedStaysUntilASourceIsKnownToHaveTheOther() throws Exception {
    node("n1", pieces, (piece, bytes) -> bytes);
    FileFetch fetch = new FileFetch(store, peers, metrics, bytes -> {});
    fetch.fetch(ID, manifest, List.of("n1"), false, () -> true);
    byte[] digest = new byte[Digest.BYTES];
    FileManifest other = new FileManifest(content.length, Digest.of(digest), 1, 0);
    assertThatThrownBy(() -> fetch.fetch(ID, other, List.of("n1"), true, () -> true))
        .hasMessageContaining("no source for t/1/0");
    assertThat(store.find(ID).orElseThrow().digest()).isEqualTo(manifest.digest());
    assertThatThrownBy(() -> fetch.fetch(ID, manifest, List.of("n1"), true, () -> false))
        .hasMessageContaining(manifest.digest() + " is no longer what the metadata says");
    assertThat(store.find(ID)).as("another attempt is under way").isPresent();
    sent.set(0);
    fetch.fetch(ID, manifest, List.of("n1"), true, () -> true);
    assertThat(sent).as("pieces that were fetched again").hasValue(pieces.pieces().size());
  }
}
