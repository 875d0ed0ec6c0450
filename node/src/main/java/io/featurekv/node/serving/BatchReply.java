package io.featurekv.node.serving;

import io.featurekv.model.FeatureKvException;

/**
 * Whoever asked for a batch. One of the two is called, once, on the asking or on a pool's thread.
 */
public interface BatchReply {
  /**
   * Writes and sends the answers, which are valid during this call only. It is called again, with
   * some keys FAILED, when a value turned out to be unreadable while it was copied (an {@link
   * InternalError}, which this method lets pass): so nothing is sent before all is written.
   */
  void answer(KeyAnswers answers);

  /** There is no answer. */
  void fail(FeatureKvException error);
}
