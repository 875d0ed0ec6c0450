package io.featurekv.node.server;

/** Answers one type of message from its bytes as they lie in the receive buffer. */
@FunctionalInterface
public non-sealed interface InPlaceHandler extends RequestHandler {
  /**
   * Called on the connection's event loop; must not block. Replies once, through {@link
   * InPlaceRequest#replies()}, now or later; the request and its bytes are valid during the call
   * only. An exception thrown here before a reply becomes an ERROR reply.
   */
  void handle(InPlaceRequest request);
}
