package io.featurekv.node.load;

import io.featurekv.client.transport.Reply;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.Peers;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.FileLink;
import io.featurekv.node.wire.FileOffer;
import io.featurekv.node.wire.FileRef;
import io.featurekv.node.wire.Offered;
import io.featurekv.node.wire.PieceRequest;
import io.featurekv.protocol.FrameType;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.UncachedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands one sealed file to one node: offers it, sends the pieces that are missing there, a few
 * under way at once, and commits. A node on this machine is let have the file itself where it can,
 * by a second name, and has only to prove the pieces. Blocking.
 */
public final class FileShipment {
  /** Pieces under way at once. */
  static final int WINDOW_PIECES = 3;

  private static final long PIECE_TIMEOUT_MILLIS = 30_000;
  private static final Logger LOG = LoggerFactory.getLogger(FileShipment.class);

  private final Peers peers;
  private final String nodeId;
  private final SealedShardFile file;
  private final FileKey key;
  private final int attempt;
  private final PieceFrames frames;
  private final int windowPieces;

  /**
   * A shipment that has not begun.
   *
   * @param attempt the task's: a node takes files of its present attempt only
   * @param frames what is sent is read into
   */
  public FileShipment(
      Peers peers, String nodeId, SealedShardFile file, int attempt, PieceFrames frames) {
    this(peers, nodeId, file, attempt, frames, WINDOW_PIECES);
  }

  /** The same, with at most so many pieces under way at once. */
  FileShipment(
      Peers peers,
      String nodeId,
      SealedShardFile file,
      int attempt,
      PieceFrames frames,
      int windowPieces) {
    this.peers = peers;
    this.nodeId = nodeId;
    this.file = file;
    this.key = FileKey.own(file.spec().id());
    this.attempt = attempt;
    this.frames = frames;
    this.windowPieces = windowPieces;
  }

  /**
   * Sends copies of the pieces.
   *
   * @param shippedBytes hears of the bytes of each piece that is there
   * @param pace is told of bytes before they are sent, by the calling thread, and may block
   * @throws FeatureKvException UNAVAILABLE or DEADLINE when the node is not there, NO_SPACE when it
   *     has no room, CONFLICT when the attempt is no longer the task's
   */
  public void ship(LongConsumer shippedBytes, IntConsumer pace) {
    Runnable goOn = () -> {};
    deliver(goOn, () -> bring(offer(), new Window(windowPieces, shippedBytes, goOn), pace));
  }

  /**
   * Lets a node on this machine have the file itself where it can, and sends copies of the pieces
   * where not. The file must never be written to again, and loses its name here before long.
   *
   * @param goOn asked before each piece and before the end; throws when the file is no longer
   *     wanted
   * @see #ship
   */
  void handOver(LongConsumer shippedBytes, Runnable goOn) {
    deliver(
        goOn,
        () -> {
          Offered offered = offer();
          boolean mayLink =
              !offered.linked()
                  && offered.missing().length == file.pieces().pieces().size()
                  && isOnThisMachine();
          if (mayLink) {
            link();
            offered = offer();
          }
          bring(offered, new Window(windowPieces, shippedBytes, goOn), bytes -> {});
        });
  }

  private interface Delivery {
    void run() throws IOException;
  }

  private void deliver(Runnable goOn, Delivery delivery) {
    try {
      delivery.run();
      goOn.run();
      call(FrameType.COMMIT_FILE, FileRef.encode(key)).join();
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, file.path() + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      FeatureKvException error = FeatureKvException.from(e);
      throw new FeatureKvException(
          error.code(),
          "shipping " + file.spec().id() + " to node " + nodeId + ": " + error.getMessage(),
          error);
    }
  }

  /** What the node has of the file. */
  private Offered offer() {
    FileOffer offer = new FileOffer(key, attempt, file.pieces());
    return Offered.decode(call(FrameType.OFFER_FILE, offer.encode()).join().body());
  }

  private boolean isOnThisMachine() {
    return SameMachine.has(peers.connect(nodeId).join().endpoint().host());
  }

  /** Asks the node to take the file as it lies here; its next answer to an offer says whether. */
  private void link() {
    try {
      FileLink link = new FileLink(key, file.path().toAbsolutePath());
      call(FrameType.LINK_FILE, link.encode()).join();
    } catch (RuntimeException e) {
      LOG.debug("{} is sent: {}", file.path(), FeatureKvException.from(e).getMessage());
    }
  }

  private void bring(Offered offered, Window window, IntConsumer pace) throws IOException {
    if (offered.linked()) {
      for (int piece : offered.missing()) {
        window.await();
        window.add(
            call(FrameType.PROVE_PIECE, new PieceRequest(key, piece).encode()),
            file.pieces().lengthOf(piece));
      }
    } else {
      send(offered.missing(), window, pace);
    }
    window.awaitAll();
  }

  private void send(int[] missing, Window window, IntConsumer pace) throws IOException {
    try (UncachedFile bytes = UncachedFile.open(file.path())) {
      for (int piece : missing) {
        window.await();
        PieceFrames.Frame frame = frames.read(file, bytes, piece);
        pace.accept(frame.pieceBytes());
        window.add(
            call(FrameType.PUT_PIECE, frame.body())
                .thenApply(
                    reply -> {
                      frames.giveBack(frame);
                      return reply;
                    }),
            frame.pieceBytes());
      }
    }
  }

  private CompletableFuture<Reply> call(FrameType type, ByteBuffer body) {
    return peers.call(nodeId, type, 0, body, PIECE_TIMEOUT_MILLIS);
  }

  /** Pieces under way, of which each is told of when it is there. */
  private static final class Window {
    private final Deque<CompletableFuture<Reply>> underWay = new ArrayDeque<>();
    private final int pieces;
    private final LongConsumer shippedBytes;
    private final Runnable goOn;

    Window(int pieces, LongConsumer shippedBytes, Runnable goOn) {
      this.pieces = pieces;
      this.goOn = goOn;
      this.shippedBytes = shippedBytes;
    }

    /** Until there is room for another one, if it is wanted. */
    void await() {
      goOn.run();
      if (underWay.size() == pieces) {
        underWay.removeFirst().join();
      }
    }

    void add(CompletableFuture<Reply> piece, int length) {
      underWay.addLast(
          piece.whenComplete(
              (reply, failure) -> {
                if (failure == null) {
                  shippedBytes.accept(length);
                }
              }));
    }

    void awaitAll() {
      while (!underWay.isEmpty()) {
        underWay.removeFirst().join();
      }
    }
  }
}
