package io.featurekv.node.shipping;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.FileLink;
import io.featurekv.node.wire.FileOffer;
import io.featurekv.node.wire.FileRef;
import io.featurekv.node.wire.Offered;
import io.featurekv.node.wire.PiecePut;
import io.featurekv.node.wire.PieceRequest;
import io.featurekv.protocol.FrameType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * Files that builders hand to this node: OFFER_FILE says what is missing, PUT_PIECE stores pieces,
 * COMMIT_FILE publishes the whole file and reports it as held before it is acknowledged. From a
 * builder on the same machine LINK_FILE takes the file itself, and PROVE_PIECE proves its pieces.
 * Disk work runs on the upload pool, never on an event loop.
 */
public final class Uploads {
  private final FileStore store;
  private final MetadataFeed feed;
  private final Proposer proposer;
  private final HeldReports held;
  private final AtomicLong session;
  private final Executor pool;
  private final ShippingMetrics metrics;
  private final boolean linkFiles;
  private final IntConsumer pace;

  /**
   * {@code pool} rejects when its queue is full; {@code linkFiles}: whether files are taken over
   * from builders on this machine; {@code pace} is told of bytes that came, and blocks.
   */
  public Uploads(
      String nodeId,
      FileStore store,
      MetadataFeed feed,
      Proposer proposer,
      AtomicLong session,
      Executor pool,
      ShippingMetrics metrics,
      boolean linkFiles,
      IntConsumer pace) {
    this.linkFiles = linkFiles;
    this.pace = pace;
    this.store = store;
    this.feed = feed;
    this.proposer = proposer;
    this.held = new HeldReports(nodeId, session, proposer);
    this.session = session;
    this.pool = pool;
    this.metrics = metrics;
  }

  /** Handler of OFFER_FILE. */
  public MessageHandler offer() {
    return exchange -> onPool(exchange, () -> takeOffer(exchange));
  }

  /** Handler of PUT_PIECE. */
  public MessageHandler put() {
    return exchange -> onPool(exchange, () -> takePiece(exchange));
  }

  /** Handler of LINK_FILE. */
  public MessageHandler link() {
    return exchange -> onPool(exchange, () -> takeLink(exchange));
  }

  /** Handler of PROVE_PIECE. */
  public MessageHandler prove() {
    return exchange -> onPool(exchange, () -> provePiece(exchange));
  }

  /** Handler of COMMIT_FILE. */
  public MessageHandler commit() {
    return exchange -> onPool(exchange, () -> publish(exchange));
  }

  private void onPool(Exchange exchange, Runnable work) {
    try {
      pool.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException e) {
              exchange.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      exchange.fail(ErrorCode.TRY_AGAIN, "too many pieces are waiting on this node");
    }
  }

  private void takeOffer(Exchange exchange) {
    FileOffer offer = FileOffer.decode(exchange.body());
    FileKey key = builders(offer.file());
    ClusterMetadata metadata = feed.current();
    UploadRules.check(metadata, key.id(), offer.attempt());
    Optional<StoredFile> present = store.find(key);
    if (present.isPresent() && present.get().digest().equals(offer.pieces().digest())) {
      exchange.reply(FrameType.OFFERED, new Offered(new int[0], false).encode());
      return;
    }
    if (present.isPresent()) {
      UploadRules.checkReplacing(metadata, session.get(), proposer.highestIndex(), key.id());
      store.delete(key);
    }
    IncomingFile incoming = store.receive(key, offer.pieces());
    Offered offered = new Offered(incoming.missing(), incoming.isLink());
    exchange.reply(FrameType.OFFERED, offered.encode());
  }

  /** Builders hand over their own files only; merged ones are fetched from who holds them. */
  private static FileKey builders(FileKey key) {
    if (key.merged()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, key + " is not for anybody but its nodes to build");
    }
    return key;
  }

  private void takePiece(Exchange exchange) {
    PiecePut put = PiecePut.decode(exchange.body());
    int length = put.bytes().remaining();
    IncomingFile incoming = offered(put.file());
    if (incoming.missing().length == incoming.pieces().pieces().size()) {
      store.checkRoom(put.file(), incoming.pieces().lengthBytes());
    }
    try {
      incoming.store(put.piece(), put.crc32c(), put.bytes());
    } catch (IOException e) {
      throw FileStore.asError(put.file(), e);
    }
    metrics.pieceReceived(length);
    exchange.reply(FrameType.PIECE_STORED, ByteBuffer.allocate(0));
    // After the reply, so that nobody waits for longer than a piece takes; the next one waits.
    pace.accept(length);
  }

  private IncomingFile offered(FileKey key) {
    return store
        .incoming(builders(key))
        .orElseThrow(
            () ->
                new FeatureKvException(ErrorCode.TRY_AGAIN, key + " was not offered to this node"));
  }

  private void takeLink(Exchange exchange) {
    FileLink link = FileLink.decode(exchange.body());
    if (!linkFiles) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, "this node takes no links (--link-files=off)");
    }
    store.link(builders(link.file()), link.path());
    exchange.reply(FrameType.FILE_LINKED, ByteBuffer.allocate(0));
  }

  private void provePiece(Exchange exchange) {
    PieceRequest request = PieceRequest.decode(exchange.body());
    IncomingFile incoming = offered(request.file());
    try {
      incoming.prove(request.piece());
    } catch (FeatureKvException e) {
      store.unlink(request.file());
      throw e;
    } catch (IOException e) {
      throw FileStore.asError(request.file(), e);
    }
    metrics.pieceLinked(incoming.pieces().lengthOf(request.piece()));
    exchange.reply(FrameType.PIECE_STORED, ByteBuffer.allocate(0));
    pace.accept(incoming.pieces().lengthOf(request.piece()));
  }

  private void publish(Exchange exchange) {
    FileKey key = builders(FileRef.decode(exchange.body()));
    // Before the file has its name: whoever deletes it after that goes by these metadata or later
    // ones, and where those are of a later attempt the report is refused.
    int attempt = feed.current().attemptOf(key.id().table(), key.id().version());
    StoredFile file = store.publish(key);
    if (session.get() == 0) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN, "this node is not registered in the metadata yet");
    }
    held.report(key.id(), attempt, file.digest().hex())
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                exchange.fail(failure);
              } else {
                exchange.reply(FrameType.FILE_COMMITTED, ByteBuffer.allocate(0));
              }
            });
  }
}
