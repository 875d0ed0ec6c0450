package io.featurekv.node.routing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.server.Streams;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingRequest;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** WATCH_ROUTING: the routing now, and again after each change that a client can see. */
public final class WatchRoutingHandler implements MessageHandler {
  private final MetadataFeed feed;
  private final Streams streams;
  private final ReadClock readClock;

  /** Streams the routing that {@code feed} gives, with the time of {@code readClock}. */
  public WatchRoutingHandler(MetadataFeed feed, Streams streams, ReadClock readClock) {
    this.feed = feed;
    this.streams = streams;
    this.readClock = readClock;
  }

  @Override
  public void handle(Exchange exchange) {
    Set<String> tables = new HashSet<>();
    try {
      tables.addAll(RoutingRequest.parseFrom(exchange.body()).getTablesList());
    } catch (InvalidProtocolBufferException e) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, "WATCH_ROUTING is malformed: " + e.getMessage(), e);
    }
    streams.open(exchange, new RoutingStream(exchange, tables));
  }

  /**
   * Sends the newest routing when it differs from the one sent last; a slow client skips what lies
   * between.
   */
  private final class RoutingStream implements Streams.Source {
    private final Exchange exchange;
    private final Set<String> tables;
    private Routing last = Routing.getDefaultInstance();
    private long sentIndex = -1;

    RoutingStream(Exchange exchange, Set<String> tables) {
      this.exchange = exchange;
      this.tables = tables;
    }

    @Override
    public void pump() {
      ClusterMetadata metadata = feed.current();
      if (metadata.clusterId().isEmpty() || metadata.index() <= sentIndex) {
        return;
      }
      Routing routing = RoutingPicture.of(metadata, tables);
      boolean isNew =
          sentIndex < 0
              || !routing.toBuilder()
                  .setMetadataIndex(last.getMetadataIndex())
                  .build()
                  .equals(last);
      sentIndex = metadata.index();
      if (isNew) {
        last = routing;
        Routing timed = routing.toBuilder().setReadTimeMillis(readClock.millis()).build();
        exchange.send(FrameType.ROUTING, ByteBuffer.wrap(timed.toByteArray()));
      }
    }
  }
}
