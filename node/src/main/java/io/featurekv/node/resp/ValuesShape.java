package io.featurekv.node.resp;

import io.featurekv.model.Limits;
import io.featurekv.node.server.ReplyChannel;
import io.featurekv.node.serving.KeyAnswers;
import io.featurekv.storage.LookupResult;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Replies with values: one reply for each GET, or all elements of an MGET. Values go from the
 * files' memory straight into the buffer of replies.
 */
final class ValuesShape implements AnswerShape {
  private static final byte[] NIL_2 = "$-1\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NIL_3 = "_\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LINE_END_BYTES = 2;

  /** Of what is no MGET. */
  private static final byte[] NO_HEAD = {};

  private final Session session;
  private final RespCounts counts;
  private byte[] head = NO_HEAD;
  private boolean isArray;
  private boolean isBegun;
  private boolean isOver;

  ValuesShape(Session session, RespCounts counts) {
    this.session = session;
    this.counts = counts;
  }

  /** Each key is a GET. */
  ValuesShape replies() {
    return begin(NO_HEAD, false);
  }

  /** The keys are those of one MGET. */
  ValuesShape elements(int count) {
    return begin(("*" + count + "\r\n").getBytes(StandardCharsets.US_ASCII), true);
  }

  private ValuesShape begin(byte[] newHead, boolean array) {
    head = newHead;
    isArray = array;
    isBegun = false;
    isOver = false;
    return this;
  }

  @Override
  public int take(KeyAnswers answers, ReplyChannel replies) {
    byte[] nil = session.isThree() ? NIL_3 : NIL_2;
    int count = answers.count();
    byte[] firstBytes = isBegun ? NO_HEAD : head;
    long bytes = firstBytes.length;
    int taken = 0;
    int found = 0;
    for (; taken < count; taken++) {
      byte state = answers.state(taken);
      long next;
      if (state == LookupResult.FOUND) {
        int length = answers.length(taken);
        next = 1L + digits(length) + LINE_END_BYTES + length + LINE_END_BYTES;
      } else if (state == LookupResult.ABSENT) {
        next = nil.length;
      } else if (state == LookupResult.DEFERRED) {
        break;
      } else {
        String error = errorText(answers, taken);
        if (isArray && !isBegun) {
          // Nothing was sent of it: one error for all is what clients expect.
          fail(count, error, replies);
          return count;
        }
        next = ReplyBuilder.errorLine(error).length;
      }
      if (bytes + next > Limits.REPLY_SOFT_LIMIT_BYTES && taken > 0) {
        break;
      }
      bytes += next;
      found += state == LookupResult.FOUND ? 1 : 0;
    }
    if (taken > 0) {
      write(answers, taken, replies, Math.toIntExact(bytes), firstBytes, nil);
      isBegun = true;
      count(found, taken);
    }
    return taken;
  }

  private void count(int found, int taken) {
    if (found > 0) {
      counts.hits.add(found);
    }
    if (found < taken) {
      counts.misses.add(taken - found);
    }
  }

  private static String errorText(KeyAnswers answers, int key) {
    return ReplyBuilder.errorText(answers.errorCode(key), answers.errorMessage(key));
  }

  private static void write(
      KeyAnswers answers, int taken, ReplyChannel replies, int bytes, byte[] first, byte[] nil) {
    ByteBuf out = replies.room(bytes);
    int from = out.writerIndex();
    try {
      out.ensureWritable(bytes);
      long at = out.memoryAddress() + from;
      if (first.length > 0) {
        at = NativeBytes.put(at, first);
      }
      for (int key = 0; key < taken; key++) {
        at =
            switch (answers.state(key)) {
              case LookupResult.FOUND -> writeValue(answers, key, at);
              case LookupResult.ABSENT -> NativeBytes.put(at, nil);
              default -> NativeBytes.put(at, ReplyBuilder.errorLine(errorText(answers, key)));
            };
      }
      answers.settle();
      out.writerIndex(from + bytes);
    } catch (RuntimeException | Error e) {
      replies.cancel(out, from, bytes);
      throw e;
    }
    replies.send(out);
  }

  private static long writeValue(KeyAnswers answers, int key, long begin) {
    int length = answers.length(key);
    int digits = digits(length);
    NativeBytes.put(begin, '$');
    int rest = length;
    for (int digit = digits; digit > 0; digit--) {
      NativeBytes.put(begin + digit, '0' + rest % 10);
      rest /= 10;
    }
    long at = writeLineEnd(begin + 1 + digits);
    answers.copyValue(key, at);
    return writeLineEnd(at + length);
  }

  private static long writeLineEnd(long at) {
    NativeBytes.put(at, '\r');
    NativeBytes.put(at + 1, '\n');
    return at + LINE_END_BYTES;
  }

  private static int digits(int number) {
    int digits = 1;
    for (int rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  @Override
  public void fail(int keys, String error, ReplyChannel replies) {
    byte[] line = ReplyBuilder.errorLine(error);
    counts.errors.increment();
    boolean isWhole = isArray && !isBegun;
    isOver = isWhole;
    int lines = isWhole ? 1 : keys;
    ByteBuf out = replies.room(lines * line.length);
    for (int key = 0; key < lines; key++) {
      out.writeBytes(line);
    }
    replies.send(out);
  }

  @Override
  public boolean isOver() {
    return isOver;
  }

  @Override
  public void finish(ReplyChannel replies) {
    // All was said.
  }
}
