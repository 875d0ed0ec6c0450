package io.featurekv.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.featurekv.client.transport.Reply;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.message.Routing;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The newest routing that this client has seen, and who waits for another.
 *
 * <p>Invariant: within one client the metadata index never goes down, so that an active version
 * that was seen is never followed by an older state of the cluster, whichever node is asked. A
 * routing of another cluster is refused. Thread-safe; nothing is held while waiters are called.
 */
final class RoutingState {
  private final ClusterIdentity cluster;
  private final Consumer<RoutingView> whenNew;
  private final AtomicReference<@Nullable RoutingView> view = new AtomicReference<>();
  private final Map<Long, Waiter> waiters = new ConcurrentHashMap<>();
  private final ReadClock readClock = new ReadClock(System::nanoTime, () -> 0);
  private final AtomicLong waiterCount = new AtomicLong();

  private static final class Waiter {
    final Predicate<RoutingView> enough;
    final CompletableFuture<RoutingView> result = new CompletableFuture<>();
    final AtomicLong failedAttempts = new AtomicLong();

    Waiter(Predicate<RoutingView> enough) {
      this.enough = enough;
    }
  }

  RoutingState(ClusterIdentity cluster, Consumer<RoutingView> whenNew) {
    this.cluster = cluster;
    this.whenNew = whenNew;
  }

  /** The newest routing, or null before the first. */
  @Nullable RoutingView view() {
    return view.get();
  }

  /**
   * The read time of now, in milliseconds since 1970, the same for every client of the cluster but
   * for what the network delayed; 0 before the first routing.
   */
  long readTimeMillis() {
    return readClock.millis();
  }

  /**
   * Takes a frame of a WATCH_ROUTING stream.
   *
   * @throws FeatureKvException PROTOCOL when it is no routing, WRONG_CLUSTER when it is another
   *     cluster's
   */
  void publish(Reply frame) {
    if (frame.type() != FrameType.ROUTING) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, "WATCH_ROUTING was answered with " + frame.type());
    }
    try {
      Routing message = Routing.parseFrom(frame.body());
      RoutingView offered = RoutingView.of(message);
      cluster.require(offered.clusterId(), "a routing");
      // Before anybody who waits for the routing begins to read.
      readClock.heard(message.getReadTimeMillis());
      publish(offered);
    } catch (InvalidProtocolBufferException e) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, "the routing cannot be parsed: " + e.getMessage(), e);
    }
  }

  /** Takes a routing if it is as new as the newest at least. */
  void publish(RoutingView offered) {
    cluster.require(offered.clusterId(), "a routing");
    while (true) {
      RoutingView known = view.get();
      if (known != null && offered.metadataIndex() < known.metadataIndex()) {
        return;
      }
      if (view.compareAndSet(known, offered)) {
        break;
      }
    }
    whenNew.accept(offered);
    for (Waiter waiter : waiters.values()) {
      offer(waiter, offered);
    }
  }

  private static void offer(Waiter waiter, RoutingView offered) {
    if (waiter.enough.test(offered)) {
      waiter.result.complete(offered);
    }
  }

  /**
   * Ends with the first routing, the present one or a later, that is enough. The caller sees to it
   * that it ends otherwise when there is none: by completing it.
   */
  CompletableFuture<RoutingView> await(Predicate<RoutingView> enough) {
    Waiter waiter = new Waiter(enough);
    Long number = waiterCount.incrementAndGet();
    waiters.put(number, waiter);
    var unused = waiter.result.whenComplete((found, error) -> waiters.remove(number));
    // After it is registered, so that a routing which comes now is not missed.
    RoutingView known = view.get();
    if (known != null) {
      offer(waiter, known);
    }
    return waiter.result;
  }

  boolean hasWaiters() {
    return !waiters.isEmpty();
  }

  /**
   * Counts an attempt to get the first routing that failed; whoever waited through as many as there
   * are addresses waits no more.
   */
  void attemptFailed(FeatureKvException error, int addresses) {
    if (view.get() != null) {
      return;
    }
    for (Waiter waiter : waiters.values()) {
      if (waiter.failedAttempts.incrementAndGet() >= addresses) {
        waiter.result.completeExceptionally(error);
      }
    }
  }
}
