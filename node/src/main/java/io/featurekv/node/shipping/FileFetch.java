package io.featurekv.node.shipping;

import io.featurekv.client.transport.Reply;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import io.featurekv.node.control.Peers;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.FileRef;
import io.featurekv.node.wire.PieceRequest;
import io.featurekv.protocol.FrameType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches one shard file from the nodes that hold it: several sources in turn, a few pieces under
 * way at once, each proved on arrival. Blocking; runs on a shipping thread. What has arrived
 * survives a failure, so that the next call resends at most what was under way.
 */
public final class FileFetch {
  /** Pieces under way at once. */
  static final int WINDOW_PIECES = 4;

  /** Attempts for one piece over all sources. */
  static final int MAX_PIECE_ATTEMPTS = 6;

  private static final long PIECE_TIMEOUT_MILLIS = 20_000;
  private static final long QUESTION_TIMEOUT_MILLIS = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(FileFetch.class);

  private final FileStore store;
  private final Peers peers;
  private final ShippingMetrics metrics;
  private final IntConsumer pace;

  /**
   * Fetches into {@code store} through {@code peers}, at the pace of {@code pace}, which is told of
   * bytes that came.
   */
  public FileFetch(FileStore store, Peers peers, ShippingMetrics metrics, IntConsumer pace) {
    this.pace = pace;
    this.store = store;
    this.peers = peers;
    this.metrics = metrics;
  }

  private record Attempt(int piece, int number, String source, CompletableFuture<Reply> reply) {}

  /**
   * Brings the file here.
   *
   * @param sources node ids that hold it, at least one
   * @param isReplaced whether there is another file under this key: it is deleted once a source has
   *     shown that it has this one
   * @param isWanted whether this is still the file that is wanted under its key; asked before one
   *     that is here is deleted, and before this one takes the name
   * @throws FeatureKvException TRY_AGAIN where it is not; others naming the file, the source and
   *     what was wrong
   */
  public StoredFile fetch(
      FileKey key,
      FileManifest manifest,
      List<String> sources,
      boolean isReplaced,
      BooleanSupplier isWanted) {
    PieceList pieces = pieceList(key, manifest, sources);
    checkWanted(key, manifest, isWanted);
    if (isReplaced) {
      store.delete(key);
    }
    if (store.incoming(key).isEmpty()) {
      store.checkRoom(key, pieces.lengthBytes());
    }
    IncomingFile incoming = store.receive(key, pieces);
    Deque<int[]> todo = new ArrayDeque<>();
    for (int piece : incoming.missing()) {
      todo.add(new int[] {piece, 0});
    }
    Deque<Attempt> underWay = new ArrayDeque<>();
    int turn = Math.floorMod(key.hashCode(), sources.size());
    while (!todo.isEmpty() || !underWay.isEmpty()) {
      while (!todo.isEmpty() && underWay.size() < WINDOW_PIECES) {
        int[] next = todo.removeFirst();
        String source = sources.get(Math.floorMod(turn++, sources.size()));
        underWay.addLast(ask(key, next[0], next[1], source));
      }
      Attempt first = underWay.removeFirst();
      try {
        store(incoming, first);
      } catch (FeatureKvException e) {
        retryOrFail(key, first, e, todo);
      }
    }
    checkWanted(key, manifest, isWanted);
    return store.publish(key);
  }

  private static void checkWanted(FileKey key, FileManifest manifest, BooleanSupplier isWanted) {
    if (!isWanted.getAsBoolean()) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN,
          key + " with digest " + manifest.digest() + " is no longer what the metadata says");
    }
  }

  /**
   * Whether a node says that it has this file open; no where it says nothing in time. Neither
   * blocks nor fails.
   */
  public CompletableFuture<Boolean> isOpenOn(String nodeId, FileKey key, Digest digest) {
    CompletableFuture<Reply> reply;
    try {
      reply =
          peers.call(nodeId, FrameType.ASK_FILE, 0, FileRef.encode(key), QUESTION_TIMEOUT_MILLIS);
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    return reply
        .thenApply(answer -> AskFileHandler.isAnswer(answer.body(), digest))
        .exceptionally(
            failure -> {
              LOG.debug("{} on {}: {}", key, nodeId, FeatureKvException.from(failure).getMessage());
              return false;
            });
  }

  private void retryOrFail(
      FileKey key, Attempt attempt, FeatureKvException error, Deque<int[]> todo) {
    metrics.pieceFailed();
    LOG.warn(
        "piece {} of {} from {} (attempt {}): {}",
        attempt.piece(),
        key,
        attempt.source(),
        attempt.number() + 1,
        error.getMessage());
    if (attempt.number() + 1 >= MAX_PIECE_ATTEMPTS || error.code() == ErrorCode.NO_SPACE) {
      throw new FeatureKvException(
          error.code(),
          "piece "
              + attempt.piece()
              + " of "
              + key
              + " from "
              + attempt.source()
              + ": "
              + error.getMessage(),
          error);
    }
    todo.addFirst(new int[] {attempt.piece(), attempt.number() + 1});
  }

  private Attempt ask(FileKey key, int piece, int number, String source) {
    return new Attempt(
        piece,
        number,
        source,
        peers.call(
            source,
            FrameType.GET_PIECE,
            0,
            new PieceRequest(key, piece).encode(),
            PIECE_TIMEOUT_MILLIS));
  }

  private void store(IncomingFile incoming, Attempt attempt) {
    try {
      ByteBuffer body = attempt.reply().join().body().order(ByteOrder.LITTLE_ENDIAN);
      if (body.remaining() < Integer.BYTES) {
        throw new FeatureKvException(ErrorCode.PROTOCOL, "an empty PIECE");
      }
      int crc = body.getInt();
      int length = body.remaining();
      incoming.store(attempt.piece(), crc, body);
      pace.accept(length);
      metrics.pieceReceived(length);
    } catch (IOException e) {
      throw new FeatureKvException(
          String.valueOf(e.getMessage()).contains("No space left")
              ? ErrorCode.NO_SPACE
              : ErrorCode.INTERNAL,
          String.valueOf(e.getMessage()),
          e);
    } catch (FeatureKvException e) {
      throw e;
    } catch (RuntimeException e) {
      throw FeatureKvException.from(e);
    }
  }

  private PieceList pieceList(FileKey key, FileManifest manifest, List<String> sources) {
    List<String> errors = new ArrayList<>();
    for (String source : sources) {
      try {
        Reply reply =
            peers
                .call(source, FrameType.GET_PIECES, 0, FileRef.encode(key), PIECE_TIMEOUT_MILLIS)
                .join();
        PieceList pieces = PieceList.decode(reply.body());
        if (pieces.lengthBytes() == manifest.lengthBytes()
            && pieces.digest().equals(manifest.digest())) {
          return pieces;
        }
        errors.add(source + ": its list of pieces is not the one that the metadata proves");
      } catch (RuntimeException e) {
        errors.add(source + ": " + FeatureKvException.from(e).getMessage());
      }
    }
    throw new FeatureKvException(
        ErrorCode.UNAVAILABLE, "no source for " + key + ": " + String.join("; ", errors));
  }
}
