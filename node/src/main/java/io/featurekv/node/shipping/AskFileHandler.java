package io.featurekv.node.shipping;

import io.featurekv.model.Digest;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.FileRef;
import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * ASK_FILE: whether a file is open here, so that every byte of it was proved in this process. The
 * reply, OPEN_FILE, is its 32-byte digest, or nothing where it is not open.
 */
public final class AskFileHandler implements MessageHandler {
  private final Function<FileKey, CompletableFuture<Optional<Digest>>> openDigest;

  /** {@code openDigest} tells as which bytes a file is open. */
  public AskFileHandler(Function<FileKey, CompletableFuture<Optional<Digest>>> openDigest) {
    this.openDigest = openDigest;
  }

  @Override
  public void handle(Exchange exchange) {
    openDigest
        .apply(FileRef.decode(exchange.body()))
        .whenComplete(
            (digest, failure) -> {
              if (failure != null) {
                exchange.fail(failure);
              } else {
                exchange.reply(
                    FrameType.OPEN_FILE,
                    ByteBuffer.wrap(digest.map(Digest::toBytes).orElse(new byte[0])));
              }
            });
  }

  /** Whether the reply says that this very file is open. */
  static boolean isAnswer(ByteBuffer body, Digest digest) {
    return body.equals(ByteBuffer.wrap(digest.toBytes()));
  }
}
