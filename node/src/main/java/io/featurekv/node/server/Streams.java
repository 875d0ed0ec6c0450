package io.featurekv.node.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open streams of replies. Each has a source that is pumped on its connection's event loop whenever
 * there may be news and the connection takes more; a slow receiver thus delays nobody and makes
 * nothing pile up.
 */
public final class Streams {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

  private final Map<Key, Open> streams = new ConcurrentHashMap<>();

  /** What a stream sends. */
  @FunctionalInterface
  public interface Source {
    /** Sends what is new; called on the connection's event loop. */
    void pump();
  }

  private record Key(io.netty.channel.ChannelId channel, int requestId) {}

  private record Open(Exchange exchange, Source source) {}

  /** Streams register for news here: the argument is to be called whenever there may be some. */
  public Streams(Consumer<Runnable> news) {
    news.accept(this::pumpAll);
  }

  /** Begins a stream; it ends with the connection or with CANCEL. */
  public void open(Exchange exchange, Source source) {
    Key key = new Key(exchange.channel().id(), exchange.requestId());
    Open stream = new Open(exchange, source);
    streams.put(key, stream);
    exchange
        .channel()
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelWritabilityChanged(ChannelHandlerContext context) {
                pump(key, stream);
                context.fireChannelWritabilityChanged();
              }
            });
    exchange.channel().closeFuture().addListener(closed -> close(key));
    pump(key, stream);
  }

  /** Ends the stream that the request with this id began. */
  void cancel(Exchange cancel) {
    close(new Key(cancel.channel().id(), cancel.requestId()));
  }

  private void close(Key key) {
    Open stream = streams.remove(key);
    if (stream != null) {
      stream.exchange().close();
    }
  }

  private void pumpAll() {
    streams.forEach(this::pump);
  }

  private void pump(Key key, Open stream) {
    stream
        .exchange()
        .channel()
        .eventLoop()
        .execute(
            () -> {
              if (!streams.containsKey(key) || !stream.exchange().channel().isWritable()) {
                return;
              }
              try {
                stream.source().pump();
              } catch (RuntimeException e) {
                LOG.error("a stream failed and is closed", e);
                streams.remove(key);
                stream.exchange().fail(e);
              }
            });
  }

  /** Streams that are open. */
  public int count() {
    return streams.size();
  }
}
