package io.featurekv.node.load;

import io.featurekv.client.transport.Reply;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.PieceList;
import io.featurekv.node.control.Peers;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.FileOffer;
import io.featurekv.node.wire.FileRef;
import io.featurekv.node.wire.PiecePut;
import io.featurekv.protocol.FrameType;
import io.featurekv.storage.SealedShardFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/**
 * Hands one sealed file to one node: offers it, sends the pieces that are missing there, a few
 * under way at once, and commits. Blocking.
 */
public final class FileShipment {
  /** Pieces under way at once. */
  static final int WINDOW_PIECES = 3;

  private static final long PIECE_TIMEOUT_MILLIS = 30_000;

  private final Peers peers;
  private final String nodeId;
  private final SealedShardFile file;
  private final int attempt;
  private final int windowPieces;

  /** {@code attempt} is the task's: a node takes files of its present attempt only. */
  public FileShipment(Peers peers, String nodeId, SealedShardFile file, int attempt) {
    this(peers, nodeId, file, attempt, WINDOW_PIECES);
  }

  /** The same, with at most so many pieces under way at once. */
  FileShipment(Peers peers, String nodeId, SealedShardFile file, int attempt, int windowPieces) {
    this.peers = peers;
    this.nodeId = nodeId;
    this.file = file;
    this.attempt = attempt;
    this.windowPieces = windowPieces;
  }

  /**
   * Ships.
   *
   * @param shippedBytes hears of the bytes of each piece that was stored
   * @throws FeatureKvException UNAVAILABLE or DEADLINE when the node is not there, NO_SPACE when it
   *     has no room, CONFLICT when the attempt is no longer the task's
   */
  public void ship(LongConsumer shippedBytes) {
    ship(shippedBytes, bytes -> {});
  }

  /**
   * The same.
   *
   * @param pace is told of bytes before they are sent, by the calling thread, and may block
   */
  public void ship(LongConsumer shippedBytes, IntConsumer pace) {
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      Reply offered =
          call(
                  FrameType.OFFER_FILE,
                  new FileOffer(FileKey.own(file.spec().id()), attempt, file.pieces()).encode())
              .join();
      Deque<CompletableFuture<Reply>> underWay = new ArrayDeque<>();
      for (int piece : FileOffer.decodeMissing(offered.body())) {
        if (underWay.size() == windowPieces) {
          underWay.removeFirst().join();
        }
        ByteBuffer bytes = read(channel, piece);
        int length = bytes.remaining();
        pace.accept(length);
        underWay.addLast(
            call(FrameType.PUT_PIECE, put(piece, bytes))
                .whenComplete(
                    (reply, failure) -> {
                      if (failure == null) {
                        shippedBytes.accept(length);
                      }
                    }));
      }
      while (!underWay.isEmpty()) {
        underWay.removeFirst().join();
      }
      call(FrameType.COMMIT_FILE, FileRef.encode(FileKey.own(file.spec().id()))).join();
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

  private CompletableFuture<Reply> call(FrameType type, ByteBuffer body) {
    return peers.call(nodeId, type, 0, body, PIECE_TIMEOUT_MILLIS);
  }

  private ByteBuffer put(int piece, ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return new PiecePut(FileKey.own(file.spec().id()), piece, (int) crc.getValue(), bytes).encode();
  }

  private ByteBuffer read(FileChannel channel, int piece) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(file.pieces().lengthOf(piece));
    long at = PieceList.offsetOf(piece);
    while (bytes.hasRemaining()) {
      int n = channel.read(bytes, at);
      if (n < 0) {
        throw new IOException("ends at " + at);
      }
      at += n;
    }
    return bytes.flip();
  }
}
