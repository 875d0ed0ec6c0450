package io.featurekv.node.resp;

import io.featurekv.node.server.ReplyChannel;
import io.featurekv.node.serving.KeyAnswers;

/**
 * What becomes of the answers to keys. Called where they were found: on the event loop or on a
 * thread of the read pool, never on two at once.
 */
interface AnswerShape {
  /**
   * Takes the answers of keys from the first on, up to the first that is DEFERRED, and sends what
   * they make. May be called twice for the same keys when it ends in an {@link InternalError}.
   *
   * @return how many keys were taken
   */
  int take(KeyAnswers answers, ReplyChannel replies);

  /** Tells of so many keys, of which none was taken, that they cannot be read. */
  void fail(int keys, String error, ReplyChannel replies);

  /** Whether the command is over: its only reply was sent. */
  boolean isOver();

  /** Sends what is left to be said when all keys were taken; on the event loop. */
  void finish(ReplyChannel replies);
}
