package io.featurekv.node.control;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.StreamListener;
import io.featurekv.client.transport.Subscription;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.wire.MetadataEvent;
import io.featurekv.protocol.FrameType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the metadata by a watch stream from any node that is a voter, or from a seed as long as
 * no voter is known. Driven by a tick from the control thread; the stream itself runs on the
 * transport's threads.
 */
final class MetadataFollower {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataFollower.class);

  private final MetadataFeed feed;
  private final Peers peers;
  private final List<Endpoint> seeds;
  private final BooleanSupplier localVoterFollows;
  private final Object lock = new Object();
  private @Nullable Subscription subscription;
  private boolean connecting;
  private int nextSource;

  /** Kept, so that there is somebody to ask after the metadata had to be forgotten. */
  private List<Endpoint> lastSources = List.of();

  /**
   * {@code localVoterFollows} says that the local voter brings the changes, so that no stream is
   * needed.
   */
  MetadataFollower(
      MetadataFeed feed, Peers peers, List<Endpoint> seeds, BooleanSupplier localVoterFollows) {
    this.feed = feed;
    this.peers = peers;
    this.seeds = seeds;
    this.localVoterFollows = localVoterFollows;
  }

  /**
   * Opens the stream where one is needed and there is none; ends it where the local voter has taken
   * over.
   */
  void tick() {
    synchronized (lock) {
      if (localVoterFollows.getAsBoolean()) {
        stop();
        return;
      }
      if (subscription != null || connecting) {
        return;
      }
      connecting = true;
    }
    List<Endpoint> sources = sources();
    if (sources.isEmpty()) {
      ended("no node to follow is known");
      return;
    }
    Endpoint source = sources.get(Math.floorMod(nextSource++, sources.size()));
    peers
        .connect(source)
        .whenComplete(
            (connection, failure) -> {
              if (failure != null) {
                ended(source + ": " + FeatureKvException.from(failure).getMessage());
              } else {
                subscribe(connection, source);
              }
            });
  }

  void stop() {
    synchronized (lock) {
      if (subscription != null) {
        subscription.close();
        subscription = null;
      }
    }
  }

  private List<Endpoint> sources() {
    List<Endpoint> sources = new ArrayList<>();
    for (NodeRecord voter : peers.otherVoters()) {
      sources.add(Endpoint.parse(voter.listen()));
    }
    for (Endpoint seed : seeds) {
      if (!sources.contains(seed)) {
        sources.add(seed);
      }
    }
    if (!sources.isEmpty()) {
      lastSources = List.copyOf(sources);
    }
    return lastSources;
  }

  private void subscribe(Connection connection, Endpoint source) {
    synchronized (lock) {
      connecting = false;
      AtomicBoolean over = new AtomicBoolean();
      Subscription opened =
          connection.subscribe(
              FrameType.WATCH_METADATA,
              0,
              MetadataEvent.encodeWatch(feed.current().index()),
              new StreamListener() {
                @Override
                public void onFrame(Reply reply) {
                  apply(reply);
                }

                @Override
                public void onEnd(FeatureKvException why) {
                  over.set(true);
                  ended(source + ": " + why.getMessage());
                }
              });
      subscription = over.get() ? null : opened;
    }
  }

  private void apply(Reply reply) {
    if (!feed.onEvent(MetadataEvent.decode(reply.body()))) {
      feed.reset();
      stop();
    }
  }

  private void ended(String why) {
    LOG.debug("metadata stream ended: {}", why);
    synchronized (lock) {
      connecting = false;
      subscription = null;
    }
  }
}
