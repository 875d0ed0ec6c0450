package io.featurekv.node.build;

import io.featurekv.model.ErrorCode;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.RunPartRequest;
import io.featurekv.node.wire.RunsRequest;
import io.featurekv.protocol.FrameType;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntConsumer;

/**
 * Hands what this node's runs have of a shard to whoever builds it. Disk work runs on a pool of its
 * own, never on an event loop.
 */
public final class RunServer {
  private final RunShelf shelf;
  private final Executor pool;
  private final IntConsumer pace;

  /** {@code pool} rejects when its queue is full; {@code pace} is told of bytes, and may block. */
  RunServer(RunShelf shelf, Executor pool, IntConsumer pace) {
    this.shelf = shelf;
    this.pool = pool;
    this.pace = pace;
  }

  /** Handler of GET_RUNS. */
  public MessageHandler runs() {
    return exchange ->
        onPool(
            exchange,
            () ->
                exchange.reply(
                    FrameType.RUNS, shelf.runs(RunsRequest.decode(exchange.body())).encode()));
  }

  /** Handler of GET_RUN_PART. */
  public MessageHandler part() {
    return exchange ->
        onPool(
            exchange,
            () -> {
              RunPartRequest request = RunPartRequest.decode(exchange.body());
              exchange.reply(FrameType.RUN_PART, shelf.part(request));
              // After the reply, so that only the next one waits.
              pace.accept(request.length());
            });
  }

  private void onPool(Exchange exchange, Runnable work) {
    try {
      pool.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException e) {
              exchange.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      exchange.fail(ErrorCode.TRY_AGAIN, "too many requests for runs are waiting on this node");
    }
  }
}
