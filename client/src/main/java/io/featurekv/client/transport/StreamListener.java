package io.featurekv.client.transport;

import io.featurekv.model.FeatureKvException;

/** Receives a stream. Called on a network thread, one call at a time; must not block. */
public interface StreamListener {
  /** The next frame. What this throws ends the stream. */
  void onFrame(Reply frame);

  /**
   * The stream is over: by an ERROR of the other side, or (UNAVAILABLE) because the connection is
   * lost. Called once at most, and not after {@link Subscription#close()}.
   */
  void onEnd(FeatureKvException reason);
}
