package io.featurekv.node.resp;

import io.featurekv.node.server.ReplyChannel;
import io.featurekv.node.serving.KeyAnswers;
import io.featurekv.storage.LookupResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** One reply that is made of one key's value. */
final class ValueShape implements AnswerShape {
  /** A value that was found, or that there is none. */
  interface Found {
    boolean isThere();

    /** Its length; 0 where there is none. */
    int length();

    /** A copy of it; empty where there is none. */
    byte[] bytes();
  }

  /** Makes the reply. */
  interface Use {
    void reply(Found value, ReplyBuilder out);
  }

  private final Session session;
  private final Use use;

  ValueShape(Session session, Use use) {
    this.session = session;
    this.use = use;
  }

  private record FoundKey(KeyAnswers answers, boolean isThere) implements Found {
    @Override
    public int length() {
      return isThere ? answers.length(0) : 0;
    }

    @Override
    public byte[] bytes() {
      byte[] copy = new byte[length()];
      if (copy.length > 0) {
        ByteBuf memory = ByteBufAllocator.DEFAULT.directBuffer(copy.length);
        try {
          answers.copyValue(0, memory.memoryAddress());
          answers.settle();
          memory.setIndex(0, copy.length).readBytes(copy);
        } finally {
          memory.release();
        }
      }
      return copy;
    }
  }

  @Override
  public int take(KeyAnswers answers, ReplyChannel replies) {
    ReplyBuilder out = new ReplyBuilder(session);
    switch (answers.state(0)) {
      case LookupResult.FOUND -> use.reply(new FoundKey(answers, true), out);
      case LookupResult.ABSENT -> use.reply(new FoundKey(answers, false), out);
      case LookupResult.DEFERRED -> {
        return 0;
      }
      default -> out.error(ReplyBuilder.errorText(answers.errorCode(0), answers.errorMessage(0)));
    }
    out.sendTo(replies);
    return 1;
  }

  @Override
  public void fail(int keys, String error, ReplyChannel replies) {
    new ReplyBuilder(session).error(error).sendTo(replies);
  }

  @Override
  public boolean isOver() {
    return false;
  }

  @Override
  public void finish(ReplyChannel replies) {
    // All was said.
  }
}
