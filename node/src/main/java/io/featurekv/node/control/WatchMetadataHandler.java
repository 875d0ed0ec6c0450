package io.featurekv.node.control;

import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.server.Streams;
import io.featurekv.node.wire.MetadataEvent;
import io.featurekv.protocol.FrameType;

/** WATCH_METADATA: a snapshot or the changes since the follower's index, then every change. */
public final class WatchMetadataHandler implements MessageHandler {
  private final MetadataFeed feed;
  private final Streams streams;

  /** Streams what {@code feed} learns. */
  public WatchMetadataHandler(MetadataFeed feed, Streams streams) {
    this.feed = feed;
    this.streams = streams;
  }

  @Override
  public void handle(Exchange exchange) {
    long knownIndex = MetadataEvent.decodeWatch(exchange.body());
    streams.open(
        exchange,
        new Streams.Source() {
          private long sentIndex = knownIndex;

          @Override
          public void pump() {
            for (MetadataEvent event : feed.since(sentIndex)) {
              exchange.send(FrameType.METADATA_CHANGE, event.encode());
              sentIndex = event.index();
            }
          }
        });
  }
}
