package io.featurekv.node.resp;

import io.featurekv.node.server.ReplyChannel;
import io.featurekv.node.serving.KeyAnswers;
import io.featurekv.storage.LookupResult;

/** EXISTS: how many of the keys there are. */
final class ExistsShape implements AnswerShape {
  private final Session session;
  private int found;
  private boolean isOver;

  ExistsShape(Session session) {
    this.session = session;
  }

  @Override
  public int take(KeyAnswers answers, ReplyChannel replies) {
    int taken = 0;
    int foundHere = 0;
    for (; taken < answers.count(); taken++) {
      byte state = answers.state(taken);
      if (state == LookupResult.DEFERRED) {
        break;
      }
      if (state == LookupResult.FOUND) {
        foundHere++;
      } else if (state != LookupResult.ABSENT) {
        fail(
            answers.count(),
            ReplyBuilder.errorText(answers.errorCode(taken), answers.errorMessage(taken)),
            replies);
        return answers.count();
      }
    }
    found += foundHere;
    return taken;
  }

  @Override
  public void fail(int keys, String error, ReplyChannel replies) {
    isOver = true;
    new ReplyBuilder(session).error(error).sendTo(replies);
  }

  @Override
  public boolean isOver() {
    return isOver;
  }

  @Override
  public void finish(ReplyChannel replies) {
    new ReplyBuilder(session).integer(found).sendTo(replies);
  }
}
