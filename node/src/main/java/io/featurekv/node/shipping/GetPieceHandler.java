package io.featurekv.node.shipping;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.PieceList;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.PieceRequest;
import io.featurekv.protocol.FrameType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * GET_PIECE: one piece of a file that is here, from the page cache to the socket without a copy.
 */
public final class GetPieceHandler implements MessageHandler {
  private final FileStore store;
  private final ShippingMetrics metrics;

  /** Answers from {@code store}. */
  public GetPieceHandler(FileStore store, ShippingMetrics metrics) {
    this.store = store;
    this.metrics = metrics;
  }

  @Override
  public void handle(Exchange exchange) {
    PieceRequest request = PieceRequest.decode(exchange.body());
    StoredFile file = GetPiecesHandler.find(store, request.file());
    int piece = request.piece();
    if (piece < 0 || piece >= file.crcs().length) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          request.file() + " has " + file.crcs().length + " pieces, not one numbered " + piece);
    }
    try {
      FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ);
      int length = file.pieces().lengthOf(piece);
      ByteBuffer crc = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      crc.putInt(file.crcs()[piece]).flip();
      exchange.replyFile(FrameType.PIECE, crc, channel, PieceList.offsetOf(piece), length);
      metrics.pieceSent(length);
    } catch (IOException e) {
      throw FileStore.asError(request.file(), e);
    }
  }
}
