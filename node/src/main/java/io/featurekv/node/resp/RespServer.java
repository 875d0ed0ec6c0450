package io.featurekv.node.resp;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.model.Endpoint;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.serving.BatchReads;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The port where clients of Redis read. */
public final class RespServer implements AutoCloseable {
  private final NodeServer server;
  private final RespCounts counts;

  private RespServer(NodeServer server, RespCounts counts) {
    this.server = server;
    this.counts = counts;
  }

  /**
   * Listens.
   *
   * @param nodeId what the node is called
   * @param metadata what is known of the cluster, for INFO and DBSIZE
   * @throws io.featurekv.model.FeatureKvException CONFLICT when the address is taken or not ours,
   *     INVALID_ARGUMENT where the password file has none
   */
  public static RespServer listen(
      EventLoops loops,
      RespConfig config,
      String nodeId,
      BatchReads reads,
      Admission admission,
      Supplier<ClusterMetadata> metadata) {
    RespCounts counts = new RespCounts();
    AtomicInteger open = new AtomicInteger();
    Endpoint listen = config.listen();
    ServerInfo info =
        new ServerInfo(
            nodeId,
            listen.port(),
            config.databases(),
            metadata,
            counts,
            open::get,
            admission::bytes);
    RespShared shared =
        new RespShared(
            reads,
            admission,
            config.databases(),
            config.passwordFile() == null ? null : Password.read(config.passwordFile()),
            counts,
            info,
            new CommandTable(),
            new AtomicLong());
    NodeServer server =
        NodeServer.listen(loops, listen, "--resp-listen", () -> connection(shared, open));
    return new RespServer(server, counts);
  }

  /** One more connection, or one that is told that there are too many. */
  private static ChannelHandler connection(RespShared shared, AtomicInteger open) {
    if (open.incrementAndGet() <= RespConnection.MAX_CONNECTIONS) {
      return new RespConnection(shared, open::decrementAndGet);
    }
    open.decrementAndGet();
    shared.counts().connectionsRefused.increment();
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelActive(ChannelHandlerContext context) {
        var _ =
            context
                .writeAndFlush(
                    context
                        .alloc()
                        .buffer()
                        .writeBytes(ReplyBuilder.errorLine("ERR max number of clients reached")))
                .addListener(ChannelFutureListener.CLOSE);
      }
    };
  }

  /** The port that was bound. */
  public int port() {
    return server.port();
  }

  /** Connections that are open. */
  public int connectionCount() {
    return server.connectionCount();
  }

  /** Commands that were executed or refused. */
  public double commandCount() {
    return counts.commands.sum();
  }

  @Override
  public void close() {
    server.close();
  }
}
