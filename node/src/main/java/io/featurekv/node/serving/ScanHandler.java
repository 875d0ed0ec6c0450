package io.featurekv.node.serving;

import io.featurekv.client.transport.Reply;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowProjection;
import io.featurekv.model.RowProjector;
import io.featurekv.node.control.Peers;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.protocol.ColumnNames;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import io.featurekv.storage.ScanPage;
import io.featurekv.storage.ShardChain;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * SCAN: one page of one shard in key order, on the read pool; passed on once where the shard is not
 * open here.
 */
public final class ScanHandler implements MessageHandler {
  private static final byte[] NO_SHAPE = {};

  private final ServingCatalog catalog;
  private final Executor readPool;
  private final Peers peers;
  private final ReadClock readClock;

  /** {@code readPool} rejects when its queue is full. */
  public ScanHandler(ServingCatalog catalog, Executor readPool, Peers peers, ReadClock readClock) {
    this.catalog = catalog;
    this.readPool = readPool;
    this.peers = peers;
    this.readClock = readClock;
  }

  @Override
  public void handle(Exchange exchange) {
    ScanRequest asked = ScanRequest.decode(exchange.body());
    ServedTable table = catalog.current().tableFor(asked.table());
    ServedVersion version = table.versionFor(asked.version());
    ValueForm.Columns columns =
        asked.columns() == null
            ? null
            : KnownColumns.of(asked.table(), table.schema(), ColumnNames.encode(asked.columns()));
    ScanRequest request =
        asked.pinnedTo(
            version.number(),
            asked.readTimeMillis() == 0 ? readClock.millis() : asked.readTimeMillis());
    if (request.shard() < 0 || request.shard() >= version.shardCount()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "shard "
              + request.shard()
              + " is not in 0.."
              + (version.shardCount() - 1)
              + " of "
              + request.table()
              + " version "
              + version.number());
    }
    ShardChain chain = version.chains().get(request.shard());
    if (chain != null) {
      onPool(exchange, () -> scan(exchange, request, version, chain, columns));
    } else if ((exchange.flags() & Forwarder.NO_FORWARD) == 0) {
      forward(exchange, version, request, version.elsewhere().get(request.shard()), 0);
    } else {
      exchange.fail(ErrorCode.UNAVAILABLE, "the shard is not open on this node");
    }
  }

  private void onPool(Exchange exchange, Runnable work) {
    try {
      readPool.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException | InternalError e) {
              exchange.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      exchange.fail(ErrorCode.TRY_AGAIN, "too many reads are waiting on this node");
    }
  }

  private static void scan(
      Exchange exchange,
      ScanRequest request,
      ServedVersion version,
      ShardChain chain,
      ValueForm.@Nullable Columns columns) {
    if (!chain.tryAcquire()) {
      throw new FeatureKvException(
          ErrorCode.VERSION_NOT_SERVED,
          "version " + version.number() + " of " + request.table() + " has just been closed here");
    }
    try {
      ScanPage page =
          chain.scan(
              request.from(),
              request.fromInclusive(),
              request.to(),
              request.maxEntries(),
              request.maxBytes(),
              request.readTimeMillis() / 1000);
      RowProjection projection = columns == null ? null : columns.projection();
      RowProjector projector = new RowProjector();
      List<ScanReply.Entry> entries = new ArrayList<>(page.entries().size());
      for (ScanPage.Entry entry : page.entries()) {
        byte[] value =
            projection == null ? entry.value() : project(projector, projection, entry.value());
        entries.add(new ScanReply.Entry(entry.key(), value));
      }
      exchange.reply(
          FrameType.SCAN_PAGE,
          new ScanReply(version.number(), page.more(), entries)
              .encode(columns == null ? NO_SHAPE : columns.shape()));
    } finally {
      chain.release();
    }
  }

  private static byte[] project(RowProjector projector, RowProjection projection, byte[] row) {
    RowBytes source = RowBytes.of(row);
    int length = projector.length(projection, source, 0, row.length);
    if (length == RowProjector.NO_ROW) {
      throw new FeatureKvException(ErrorCode.CORRUPT, "a value is no row of the table's columns");
    }
    byte[] projected = new byte[length];
    projector.write(projection, source, 0, row.length, RowBytes.of(projected), 0);
    return projected;
  }

  private void forward(
      Exchange exchange,
      ServedVersion version,
      ScanRequest request,
      List<String> holders,
      int next) {
    if (next == holders.size()) {
      exchange.fail(
          ErrorCode.UNAVAILABLE,
          "no node in reach has shard "
              + request.shard()
              + " of "
              + request.table()
              + " version "
              + version.number());
      return;
    }
    ByteBuffer body = request.encode();
    peers
        .call(
            holders.get(next),
            FrameType.SCAN,
            Forwarder.NO_FORWARD,
            body,
            Math.max(1, request.timeoutMillis()))
        .whenComplete(
            (reply, failure) -> {
              if (failure == null) {
                passOn(exchange, reply);
              } else if (FeatureKvException.from(failure).code() == ErrorCode.INVALID_ARGUMENT) {
                exchange.fail(failure);
              } else {
                forward(exchange, version, request, holders, next + 1);
              }
            });
  }

  private static void passOn(Exchange exchange, Reply reply) {
    exchange.reply(FrameType.SCAN_PAGE, reply.body());
  }
}
