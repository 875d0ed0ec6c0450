package io.featurekv.node.control;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Connections to the other nodes of the cluster, one per address, made when first needed and again
 * after they were lost.
 */
public final class Peers implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private final Transport transport;
  private final Supplier<ClusterMetadata> metadata;
  private final String selfId;
  private final Hello hello;
  private final Map<Endpoint, CompletableFuture<Connection>> connections =
      new ConcurrentHashMap<>();

  /**
   * Connections that introduce themselves with {@code hello}.
   *
   * @param selfId id of this node, empty for a tool
   */
  public Peers(
      Transport transport, Supplier<ClusterMetadata> metadata, Hello hello, String selfId) {
    this.transport = transport;
    this.metadata = metadata;
    this.hello = hello;
    this.selfId = selfId;
  }

  /** The voters but this node, as the metadata has them; the ones that are up first. */
  public List<NodeRecord> otherVoters() {
    return metadata.get().nodes().values().stream()
        .filter(node -> node.voter() && !node.id().equals(selfId))
        .sorted(java.util.Comparator.comparing(NodeRecord::state))
        .toList();
  }

  /**
   * Sends a frame to a node by id; fails with UNAVAILABLE when it cannot be reached, DEADLINE when
   * it does not answer in time.
   */
  public CompletableFuture<Reply> call(
      String toNodeId, FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    return connect(toNodeId)
        .thenCompose(connection -> connection.call(type, flags, body, timeoutMillis));
  }

  /** The connection to a node by id. */
  public CompletableFuture<Connection> connect(String toNodeId) {
    NodeRecord node = metadata.get().nodes().get(toNodeId);
    if (node == null) {
      return CompletableFuture.failedFuture(
          new FeatureKvException(ErrorCode.NOT_FOUND, "no node '" + toNodeId + "' in the cluster"));
    }
    return connect(Endpoint.parse(node.listen()));
  }

  /** The connection to an address. */
  public CompletableFuture<Connection> connect(Endpoint endpoint) {
    return connections.compute(
        endpoint, (address, existing) -> isUsable(existing) ? existing : open(address));
  }

  private CompletableFuture<Connection> open(Endpoint endpoint) {
    return transport.connect(endpoint, hello, CONNECT_TIMEOUT);
  }

  private static boolean isUsable(
      @org.jspecify.annotations.Nullable CompletableFuture<Connection> existing) {
    if (existing == null || existing.isCompletedExceptionally()) {
      return false;
    }
    return !existing.isDone() || existing.join().isOpen();
  }

  @Override
  public void close() {
    connections.values().forEach(future -> future.thenAccept(Connection::close));
    connections.clear();
  }
}
