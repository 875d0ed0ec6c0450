package io.featurekv.node.shipping;

/** Hears what shipping does. */
public interface ShippingMetrics {
  /** A piece arrived and was stored. */
  void pieceReceived(int bytes);

  /** A piece of a file that was linked was proved. */
  void pieceLinked(int bytes);

  /** A piece was sent. */
  void pieceSent(int bytes);

  /** A piece was asked for or arrived in vain. */
  void pieceFailed();
}
