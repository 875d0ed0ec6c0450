package io.featurekv.node.shipping;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.FileRef;
import io.featurekv.protocol.FrameType;

/** GET_PIECES: the list of pieces of a file that is here. */
public final class GetPiecesHandler implements MessageHandler {
  private final FileStore store;

  /** Answers from {@code store}. */
  public GetPiecesHandler(FileStore store) {
    this.store = store;
  }

  @Override
  public void handle(Exchange exchange) {
    FileKey key = FileRef.decode(exchange.body());
    exchange.reply(FrameType.PIECES, find(store, key).pieces().encode());
  }

  static StoredFile find(FileStore store, FileKey key) {
    return store
        .find(key)
        .orElseThrow(
            () -> new FeatureKvException(ErrorCode.NOT_FOUND, key + " is not on this node"));
  }
}
