package io.featurekv.node.server;

/** Answers one type of message. */
@FunctionalInterface
public non-sealed interface MessageHandler extends RequestHandler {
  /**
   * Called on the connection's event loop; must not block. Replies and closes the exchange now or
   * later, on any thread. An exception thrown here becomes an ERROR reply.
   */
  void handle(Exchange exchange);
}
