package io.featurekv.node.server;

/** CANCEL: ends the stream with the frame's request id; there is no reply. */
public final class CancelHandler implements MessageHandler {
  private final Streams streams;

  /** Ends streams of {@code streams}. */
  public CancelHandler(Streams streams) {
    this.streams = streams;
  }

  @Override
  public void handle(Exchange exchange) {
    streams.cancel(exchange);
    exchange.close();
  }
}
