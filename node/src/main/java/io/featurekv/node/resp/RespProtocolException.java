package io.featurekv.node.resp;

/** The other side does not speak RESP; its connection is told why and closed. */
final class RespProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RespProtocolException(String message) {
    super("Protocol error: " + message, null, false, false);
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
