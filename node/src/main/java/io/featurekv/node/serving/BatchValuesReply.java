package io.featurekv.node.serving;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.node.server.ReplyChannel;
import io.featurekv.protocol.BatchValuesWriter;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.storage.LookupResult;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Writes BATCH_VALUES: values go from the files' memory straight into the reply's buffer. */
final class BatchValuesReply implements BatchReply {
  private final ReplyChannel replies;
  private final int requestId;
  private final byte[] shape;

  /** {@code shape}: bytes of a RowShape; none where no columns were asked for. */
  BatchValuesReply(ReplyChannel replies, int requestId, byte[] shape) {
    this.replies = replies;
    this.requestId = requestId;
    this.shape = shape;
  }

  @Override
  public void fail(FeatureKvException error) {
    replies.fail(requestId, error);
  }

  @Override
  public boolean isWanted() {
    return replies.isOpen();
  }

  @Override
  public boolean hasRoom() {
    return replies.admits();
  }

  @Override
  public void abandon() {
    replies.abandon();
  }

  @Override
  public void answer(KeyAnswers answers) {
    int count = answers.count();
    int answered = count;
    long bytes = (long) BatchValuesWriter.HEADER_BYTES + shape.length;
    for (int key = 0; key < count; key++) {
      long next = answerBytes(answers, key);
      if (bytes + next > Limits.REPLY_SOFT_LIMIT_BYTES && key > 0) {
        answered = key;
        bytes += (long) (count - key) * BatchValuesWriter.DEFERRED_BYTES;
        break;
      }
      bytes += next;
    }
    int bodyBytes = Math.toIntExact(bytes);
    ByteBuf frame = replies.begin(FrameType.BATCH_VALUES, requestId, bodyBytes);
    int start = frame.writerIndex();
    try {
      frame.ensureWritable(bodyBytes);
      write(answers, answered, frame, start, bodyBytes);
      answers.settle();
      frame.writerIndex(start + bodyBytes);
    } catch (RuntimeException | Error e) {
      replies.cancel(frame, start - FrameHeader.BYTES, FrameHeader.BYTES + bodyBytes);
      throw e;
    }
    replies.send(frame);
  }

  private void write(KeyAnswers answers, int answered, ByteBuf frame, int start, int bodyBytes) {
    ByteBuffer body = frame.internalNioBuffer(start, bodyBytes);
    // The address of index 0 of that buffer, whose position is that of the frame's index start.
    long base = frame.memoryAddress() + start - body.position();
    BatchValuesWriter writer = new BatchValuesWriter(body);
    writer.begin(answers.version(), answers.metadataIndex(), answers.count());
    writer.shape(shape);
    for (int key = 0; key < answered; key++) {
      switch (answers.state(key)) {
        case LookupResult.FOUND -> {
          int at = writer.found(answers.length(key));
          answers.copyValue(key, base + at);
        }
        case LookupResult.ABSENT -> writer.absent();
        case LookupResult.DEFERRED -> writer.deferred();
        default -> writer.failed(answers.errorCode(key), answers.errorMessage(key));
      }
    }
    for (int key = answered; key < answers.count(); key++) {
      writer.deferred();
    }
  }

  private static long answerBytes(KeyAnswers answers, int key) {
    return switch (answers.state(key)) {
      case LookupResult.FOUND -> BatchValuesWriter.FOUND_OVERHEAD_BYTES + answers.length(key);
      case LookupResult.ABSENT -> BatchValuesWriter.ABSENT_BYTES;
      case LookupResult.DEFERRED -> BatchValuesWriter.DEFERRED_BYTES;
      default -> BatchValuesWriter.failedBytes(answers.errorMessage(key));
    };
  }
}
