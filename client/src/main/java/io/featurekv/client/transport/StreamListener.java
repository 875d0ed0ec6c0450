package io.featurekv.client.transport;

import io.featurekv.model.FeatureKvException;

/** Hears the frames of a stream, in order, on a transport thread; must not block. */
public interface StreamListener {
  /** The next frame. */
  void onFrame(Reply reply);

  /**
   * The stream is over: refused by the node, or lost with the connection. Called once, not after
   * {@link Subscription#cancel}.
   */
  void onEnd(FeatureKvException why);
}
