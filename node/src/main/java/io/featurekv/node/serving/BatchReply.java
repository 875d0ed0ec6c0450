package io.featurekv.node.serving;

import io.featurekv.model.FeatureKvException;

/**
 * Whoever asked for a batch. One of the two is called, once, on the asking or on a pool's thread.
 */
public interface BatchReply {
  /**
   * Writes and sends the answers, which are valid during this call only. It is called again, with
   * some keys FAILED, when a value turned out to be unreadable while it was copied (an {@link
   * InternalError}, which this method lets pass): so nothing is sent before all is written and
   * {@link KeyAnswers#settle} was called.
   */
  void answer(KeyAnswers answers);

  /** Whether somebody still waits; asked before a batch that had to wait is looked up. */
  boolean isWanted();

  /** Whether there is room for the answer; a batch that had to wait is refused otherwise. */
  boolean hasRoom();

  /** Neither an answer nor an error can be sent: ends whatever waits for it. */
  void abandon();

  /** There is no answer. */
  void fail(FeatureKvException error);
}
