package io.featurekv.node.admin;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.StreamListener;
import io.featurekv.client.transport.Subscription;
import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.metadata.OperationIds;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Peers;
import io.featurekv.node.wire.MetadataEvent;
import io.featurekv.node.wire.MetadataReply;
import io.featurekv.node.wire.Proposal;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the metadata of a cluster and proposes commands, through whichever of the given nodes (and
 * those they know of) answers. Blocking; thread-safe.
 */
public final class ClusterAdmin implements AutoCloseable {
  private static final long RETRY_PAUSE_MILLIS = 200;
  private static final int MAX_ATTEMPT_MILLIS = 5_000;
  private static final Duration MAX_CONNECT_TIME = Duration.ofSeconds(3);
  private static final Logger LOG = LoggerFactory.getLogger(ClusterAdmin.class);

  private final Transport transport;
  private final List<Endpoint> endpoints;
  private final Duration timeout;
  private final MetadataFeed mirror = new MetadataFeed(ClusterMetadata.empty());
  private final Peers peers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /**
   * Held while connecting, so that one thread does it at a time; never by a transport thread, which
   * would wait for itself.
   */
  private final Object connecting = new Object();

  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();

  /** The connection in use, and whether a watch stream is open on it. */
  private record Link(Connection connection, AtomicBoolean watching) {}

  private ClusterAdmin(Transport transport, List<Endpoint> endpoints, Duration timeout) {
    this.transport = transport;
    this.endpoints = List.copyOf(endpoints);
    this.timeout = timeout;
    this.peers = new Peers(transport, mirror::current, Hello.tool(""), "");
    mirror.listen(this::signalNews);
  }

  /**
   * What one node said of the metadata.
   *
   * @param leader node id of the leader, empty when none is known
   * @param nodeId the node that answered
   * @param fresh whether this is a linearizable read; false when no leader could be reached and the
   *     node told what it last knew
   */
  public record MetadataView(
      ClusterMetadata metadata, String leader, String nodeId, boolean fresh) {}

  /**
   * Connects to the first endpoint that answers.
   *
   * @param timeout bound on each call of this object
   * @throws FeatureKvException UNAVAILABLE naming every endpoint and what was wrong with it
   */
  public static ClusterAdmin connect(List<Endpoint> endpoints, Duration timeout) {
    ClusterAdmin admin = new ClusterAdmin(Transport.start(1), endpoints, timeout);
    try {
      admin.connection();
      return admin;
    } catch (RuntimeException e) {
      admin.close();
      throw e;
    }
  }

  /**
   * The state of the cluster: linearizable where a leader can be reached, else what the node last
   * knew.
   */
  public MetadataView read() {
    FeatureKvException last = null;
    for (int attempt = 0; attempt < 3; attempt++) {
      try {
        Reply reply =
            connection()
                .call(
                    FrameType.READ_METADATA,
                    0,
                    MetadataReply.encodeRequest(
                        (int) Math.min(timeout.toMillis(), MAX_ATTEMPT_MILLIS)),
                    timeout.toMillis() + MAX_ATTEMPT_MILLIS)
                .join();
        MetadataReply answer = MetadataReply.decode(reply.body());
        ClusterMetadata metadata = MetadataCodec.decodeSnapshot(answer.snapshot());
        mirror.onSnapshot(metadata);
        return new MetadataView(metadata, answer.leader(), answer.nodeId(), answer.fresh());
      } catch (RuntimeException e) {
        last = FeatureKvException.from(e);
        if (last.code() == ErrorCode.WRONG_CLUSTER) {
          throw last;
        }
        disconnect();
      }
    }
    throw last;
  }

  /**
   * Waits until the cluster's state, as the node learns it, satisfies {@code condition}; follows
   * changes, does not poll.
   *
   * @throws FeatureKvException DEADLINE after {@code patience}
   */
  public ClusterMetadata await(Predicate<ClusterMetadata> condition, Duration patience) {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (true) {
      ensureWatch(deadlineNanos);
      lock.lock();
      try {
        ClusterMetadata now = mirror.current();
        if (!now.clusterId().isEmpty() && condition.test(now)) {
          return now;
        }
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          throw new FeatureKvException(
              ErrorCode.DEADLINE,
              "waited "
                  + patience.toSeconds()
                  + " s; the cluster is not there yet (metadata index "
                  + now.index()
                  + ")");
        }
        news.awaitNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(RETRY_PAUSE_MILLIS)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FeatureKvException(ErrorCode.TRY_AGAIN, "interrupted", e);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Proposes a command under a fresh operation id, repeating it with the same id until its outcome
   * is known or the timeout has passed.
   *
   * @return the result of a command that took effect
   * @throws FeatureKvException the refusal's own code; TRY_AGAIN or UNKNOWN_OUTCOME without a
   *     leader
   */
  public CommandResult propose(Command command) {
    return propose(OperationIds.next(System.currentTimeMillis()), command);
  }

  /** {@link #propose(Command)} under the caller's operation id. */
  public CommandResult propose(String operationId, Command command) {
    CommandEnvelope envelope =
        new CommandEnvelope(operationId, System.currentTimeMillis(), command);
    byte[] encoded = MetadataCodec.encodeCommand(envelope);
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    boolean mayHaveBeenTaken = false;
    while (true) {
      long leftMillis = Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000);
      int attemptMillis = (int) Math.min(leftMillis, MAX_ATTEMPT_MILLIS);
      try {
        Reply reply =
            connection()
                .call(
                    FrameType.PROPOSE,
                    0,
                    new Proposal(attemptMillis, encoded).encode(),
                    attemptMillis + RETRY_PAUSE_MILLIS)
                .join();
        return MetadataCodec.decodeResult(bytesOf(reply.body())).orThrow();
      } catch (RuntimeException e) {
        FeatureKvException error = FeatureKvException.from(e);
        if (!isWorthRepeating(error.code())) {
          throw error;
        }
        mayHaveBeenTaken |=
            error.code() == ErrorCode.UNKNOWN_OUTCOME || error.code() == ErrorCode.DEADLINE;
        if (System.nanoTime() - deadlineNanos > 0) {
          throw new FeatureKvException(
              mayHaveBeenTaken ? ErrorCode.UNKNOWN_OUTCOME : error.code(),
              "the metadata group did not take the change within "
                  + timeout.toSeconds()
                  + " s: "
                  + error.getMessage(),
              error);
        }
        if (error.code() == ErrorCode.UNAVAILABLE || error.code() == ErrorCode.DEADLINE) {
          disconnect();
        }
        pause();
      }
    }
  }

  private static boolean isWorthRepeating(ErrorCode code) {
    return code == ErrorCode.TRY_AGAIN
        || code == ErrorCode.UNKNOWN_OUTCOME
        || code == ErrorCode.UNAVAILABLE
        || code == ErrorCode.DEADLINE;
  }

  /** Connections to the nodes by id, as far as {@link #read} and {@link #await} have seen them. */
  public Peers peers() {
    return peers;
  }

  /** The newest state that a call of this object has brought. */
  public ClusterMetadata lastSeen() {
    return mirror.current();
  }

  private static byte[] bytesOf(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    return bytes;
  }

  private void pause() {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(RETRY_PAUSE_MILLIS);
      while (left > 0) {
        left = news.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private void signalNews() {
    lock.lock();
    try {
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Connection connection() {
    return link().connection();
  }

  /** The link in use, or a new one to the first node that answers. */
  private Link link() {
    synchronized (connecting) {
      Link present = link.get();
      if (present != null && present.connection().isOpen()) {
        return present;
      }
      Link opened = new Link(connect(), new AtomicBoolean());
      link.set(opened);
      return opened;
    }
  }

  private Connection connect() {
    List<String> errors = new ArrayList<>();
    FeatureKvException wrongCluster = null;
    Duration bound = timeout.compareTo(MAX_CONNECT_TIME) < 0 ? timeout : MAX_CONNECT_TIME;
    for (Endpoint endpoint : candidates()) {
      try {
        return transport.connect(endpoint, Hello.tool(mirror.current().clusterId()), bound).join();
      } catch (RuntimeException e) {
        FeatureKvException error = FeatureKvException.from(e);
        wrongCluster = error.code() == ErrorCode.WRONG_CLUSTER ? error : wrongCluster;
        errors.add(endpoint + ": " + error.getMessage());
      }
    }
    if (wrongCluster != null) {
      throw wrongCluster;
    }
    throw new FeatureKvException(
        ErrorCode.UNAVAILABLE, "no node answers: " + String.join("; ", errors));
  }

  private Set<Endpoint> candidates() {
    Set<Endpoint> all = new LinkedHashSet<>(endpoints);
    mirror.current().nodes().values().forEach(node -> all.add(Endpoint.parse(node.listen())));
    return all;
  }

  /** Gives up the link in use; the next call connects anew. */
  private void disconnect() {
    Link present = link.getAndSet(null);
    if (present != null) {
      present.connection().close();
    }
  }

  /** Opens the watch stream where the link in use has none. */
  private void ensureWatch(long deadlineNanos) {
    Link source;
    try {
      source = link();
    } catch (FeatureKvException e) {
      if (e.code() != ErrorCode.UNAVAILABLE || System.nanoTime() - deadlineNanos > 0) {
        throw e;
      }
      return;
    }
    if (!source.watching().compareAndSet(false, true)) {
      return;
    }
    Subscription unused =
        source
            .connection()
            .subscribe(
                FrameType.WATCH_METADATA,
                0,
                MetadataEvent.encodeWatch(mirror.current().index()),
                new StreamListener() {
                  @Override
                  public void onFrame(Reply reply) {
                    if (!mirror.onEvent(MetadataEvent.decode(reply.body()))) {
                      mirror.reset();
                      source.connection().close();
                    }
                  }

                  @Override
                  public void onEnd(FeatureKvException why) {
                    source.watching().set(false);
                  }
                });
    LOG.trace("watching through {}: {}", source.connection().endpoint(), unused);
  }

  @Override
  public void close() {
    disconnect();
    peers.close();
    transport.close();
  }
}
