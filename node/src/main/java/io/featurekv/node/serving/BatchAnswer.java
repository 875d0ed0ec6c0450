package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.node.server.Exchange;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValuesWriter;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.LookupResult;
import io.featurekv.storage.ShardChain;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Answers one batch from the chains that are open here and from what other nodes answered. The
 * values go from the files' memory straight into the reply's frame, under a lease of each chain.
 */
final class BatchAnswer {
  private static final String NOT_OPEN = "the shard is not open on this node";

  private final Exchange exchange;
  private final BatchGetRequest request;
  private final ServedVersion version;
  private final long readTimeSeconds;
  private final long metadataIndex;
  private final long startNanos;
  private final ReadMetrics metrics;

  private int found;
  private int absent;
  private int failed;

  BatchAnswer(
      Exchange exchange,
      BatchGetRequest request,
      ServedVersion version,
      long readTimeSeconds,
      long metadataIndex,
      long startNanos,
      ReadMetrics metrics) {
    this.exchange = exchange;
    this.request = request;
    this.version = version;
    this.readTimeSeconds = readTimeSeconds;
    this.metadataIndex = metadataIndex;
    this.startNanos = startNanos;
    this.metrics = metrics;
  }

  void fail(ErrorCode code, String message) {
    exchange.fail(code, message);
  }

  /**
   * Looks up, writes and sends. {@code gathered} is what other nodes answered, null where nobody
   * was asked.
   */
  void finish(Forwarder.@Nullable Gathered gathered) {
    BatchScratch scratch = BatchScratch.ofThisThread();
    int leased = 0;
    try {
      scratch.prepare(request, version.shardCount());
      leased = lookUp(scratch);
      ByteBuf frame = writeReadable(scratch.result, gathered);
      metrics.batch(request.count(), found, absent, failed, System.nanoTime() - startNanos);
      exchange.replyFrame(frame);
    } catch (RuntimeException | Error e) {
      // Also what Netty throws where it has no memory for the frame.
      exchange.fail(e);
    } finally {
      release(scratch, leased);
      scratch.result.reset(0);
    }
  }

  /** Writes the frame; a value that cannot be read, on its page of a disk, fails its key alone. */
  private ByteBuf writeReadable(LookupResult result, Forwarder.@Nullable Gathered gathered) {
    try {
      return write(result, gathered);
    } catch (InternalError e) {
      // How the JDK tells that a mapped page could not be read.
      result.failUnreadable();
      found = 0;
      absent = 0;
      failed = 0;
      return write(result, gathered);
    }
  }

  /**
   * Leases each chain that has keys of the batch and looks all of them up; returns up to which
   * shard chains were leased.
   */
  private int lookUp(BatchScratch scratch) {
    int shard = 0;
    try {
      for (; shard < version.shardCount(); shard++) {
        ShardChain chain = version.chains().get(shard);
        if (scratch.hasKeysOf(shard) && chain != null && !chain.tryAcquire()) {
          throw new FeatureKvException(
              ErrorCode.VERSION_NOT_SERVED,
              "version "
                  + version.number()
                  + " of "
                  + request.table()
                  + " has just been closed here");
        }
      }
      scratch.lookup.lookup(scratch.keys, version.chains(), readTimeSeconds, scratch.result);
      return shard;
    } catch (RuntimeException | Error e) {
      release(scratch, shard);
      throw e;
    }
  }

  private void release(BatchScratch scratch, int upToShard) {
    for (int shard = 0; shard < upToShard; shard++) {
      ShardChain chain = version.chains().get(shard);
      if (chain != null && scratch.hasKeysOf(shard)) {
        chain.release();
      }
    }
  }

  private ByteBuf write(LookupResult result, Forwarder.@Nullable Gathered gathered) {
    int count = request.count();
    int answered = count;
    long bytes = BatchValuesWriter.HEADER_BYTES;
    for (int key = 0; key < count; key++) {
      long next = answerBytes(result, gathered, key);
      boolean isFull = bytes + next > Limits.REPLY_SOFT_LIMIT_BYTES && key > 0;
      if (isFull) {
        answered = key;
        bytes += (long) (count - key) * BatchValuesWriter.DEFERRED_BYTES;
        break;
      }
      bytes += next;
    }
    ByteBuf frame = exchange.frame(FrameType.BATCH_VALUES, Math.toIntExact(bytes));
    ByteBuffer body = frame.nioBuffer(FrameHeader.BYTES, Math.toIntExact(bytes));
    MemorySegment target = MemorySegment.ofBuffer(body.duplicate().clear());
    try {
      BatchValuesWriter writer = new BatchValuesWriter(body);
      writer.begin(version.number(), metadataIndex, count);
      for (int key = 0; key < answered; key++) {
        writeAnswer(writer, target, result, gathered, key);
      }
      for (int key = answered; key < count; key++) {
        writer.deferred();
      }
      return frame.writerIndex(FrameHeader.BYTES + Math.toIntExact(bytes));
    } catch (RuntimeException | Error e) {
      frame.release();
      throw e;
    }
  }

  private long answerBytes(LookupResult result, Forwarder.@Nullable Gathered gathered, int key) {
    Forwarder.RemoteAnswer remote = gathered == null ? null : gathered.answers().get(key);
    if (remote != null) {
      return remote.values().status(remote.index()) == ValueStatus.FOUND
          ? BatchValuesWriter.FOUND_OVERHEAD_BYTES
              + remote.values().value(remote.index()).remaining()
          : BatchValuesWriter.ABSENT_BYTES;
    }
    return switch (result.state(key)) {
      case LookupResult.FOUND -> BatchValuesWriter.FOUND_OVERHEAD_BYTES + result.length(key);
      case LookupResult.ABSENT -> BatchValuesWriter.ABSENT_BYTES;
      case LookupResult.DEFERRED -> BatchValuesWriter.DEFERRED_BYTES;
      default -> BatchValuesWriter.failedBytes(failure(result, gathered, key));
    };
  }

  private void writeAnswer(
      BatchValuesWriter writer,
      MemorySegment target,
      LookupResult result,
      Forwarder.@Nullable Gathered gathered,
      int key) {
    Forwarder.RemoteAnswer remote = gathered == null ? null : gathered.answers().get(key);
    if (remote != null) {
      writeRemote(writer, target, remote);
      return;
    }
    switch (result.state(key)) {
      case LookupResult.FOUND -> {
        int length = result.length(key);
        int at = writer.found(length);
        result.copyValue(key, target, at);
        found++;
      }
      case LookupResult.ABSENT -> {
        writer.absent();
        absent++;
      }
      case LookupResult.DEFERRED -> writer.deferred();
      default -> {
        writer.failed(failureCode(gathered, key), failure(result, gathered, key));
        failed++;
      }
    }
  }

  private void writeRemote(
      BatchValuesWriter writer, MemorySegment target, Forwarder.RemoteAnswer remote) {
    switch (remote.values().status(remote.index())) {
      case FOUND -> {
        ByteBuffer value = remote.values().value(remote.index());
        int at = writer.found(value.remaining());
        MemorySegment.copy(MemorySegment.ofBuffer(value), 0, target, at, value.remaining());
        found++;
      }
      case DEFERRED -> writer.deferred();
      case ABSENT, FAILED -> {
        writer.absent();
        absent++;
      }
    }
  }

  private static ErrorCode failureCode(Forwarder.@Nullable Gathered gathered, int key) {
    var error = gathered == null ? null : gathered.errors().get(key);
    return error == null ? ErrorCode.UNAVAILABLE : error.code();
  }

  private static String failure(
      LookupResult result, Forwarder.@Nullable Gathered gathered, int key) {
    var error = gathered == null ? null : gathered.errors().get(key);
    String text = error == null ? result.failure(key) : error.getMessage();
    return text == null ? NOT_OPEN : text;
  }
}
