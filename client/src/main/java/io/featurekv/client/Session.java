package io.featurekv.client;

import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ColumnNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What all reads of one client share. Thread-safe. */
final class Session {
  /** Most reads under way at a time; beyond it reads end with TRY_AGAIN. */
  static final int MAX_OPEN_READS = 4_096;

  /**
   * How long a change of the metadata may take to reach a node that was asked for a fresh routing:
   * before something is reported as missing, it is waited for.
   */
  static final long PROPAGATION_MILLIS = 250;

  /** A reply that is newer than the routing asks for a fresh one, but not more often than this. */
  private static final long LAG_CHECK_MILLIS = 2_000;

  private final ClientConfig config;
  private final Transport transport;
  private final Nodes nodes;
  private final RoutingState routing;
  private final RoutingWatch watch;
  private final RoutingRefresh refresh;
  private final Counters counters = new Counters();
  private final ExtraRequests extras = new ExtraRequests(System::nanoTime);
  private final List<OpenCalls> calls;
  private final Map<Long, CompletableFuture<?>> open = new ConcurrentHashMap<>();
  private final AtomicInteger openCount = new AtomicInteger();
  private final AtomicLong readCount = new AtomicLong();
  private final AtomicLong lastLagCheckNanos;
  private final SingleGets singleGets;
  private volatile boolean closed;

  /** Takes the transport over. */
  Session(ClientConfig config, Transport transport) {
    this.config = config;
    this.transport = transport;
    calls = transport.threads().stream().map(thread -> new OpenCalls()).toList();
    ClusterIdentity cluster = new ClusterIdentity(config.clusterId());
    NetworkThread thread = transport.nextThread();
    nodes = new Nodes(config, transport, cluster, thread, counters);
    routing = new RoutingState(cluster, nodes::keepOnly);
    watch = new RoutingWatch(nodes, routing, thread);
    refresh = new RoutingRefresh(nodes, routing, watch, thread);
    lastLagCheckNanos = new AtomicLong(System.nanoTime());
    singleGets = new SingleGets(this, transport.nextThread(), config.singleGetWindow());
  }

  void start() {
    watch.start();
  }

  ClientConfig config() {
    return config;
  }

  Transport transport() {
    return transport;
  }

  Nodes nodes() {
    return nodes;
  }

  RoutingState routing() {
    return routing;
  }

  Counters counters() {
    return counters;
  }

  /** Notes a request that is nobody's second. */
  void firstTry() {
    counters.firstTries.increment();
    extras.firstTry();
  }

  /** Takes a retry out of the budget, if there is one. */
  boolean mayRetry() {
    return counted(counters.retries);
  }

  /** Takes a hedge out of the same budget. */
  boolean mayHedge() {
    return counted(counters.hedges);
  }

  private boolean counted(LongAdder what) {
    boolean may = extras.take();
    (may ? what : counters.budgetRefusals).increment();
    return may;
  }

  /** The tables as some node knew them after this call, by name. */
  CompletableFuture<List<TableInfo>> tables() {
    CompletableFuture<List<TableInfo>> result = new CompletableFuture<>();
    try {
      opened(result);
      Deadline deadline = Deadline.after(config.timeout());
      NetworkThread thread = transport.nextThread();
      var unused =
          firstRouting(thread, deadline.leftMillis())
              .thenCompose(view -> freshRouting(fresh -> false, 0, thread, deadline.leftMillis()))
              .whenComplete(
                  (view, error) -> {
                    if (error != null) {
                      result.completeExceptionally(NodeLink.asKnown(error));
                    } else {
                      result.complete(tablesOf(view));
                    }
                  });
    } catch (FeatureKvException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private static List<TableInfo> tablesOf(RoutingView view) {
    List<TableInfo> tables = new ArrayList<>();
    for (RoutingView.Table table : view.tables().values()) {
      RoutingView.Version active = table.versions().get(table.activeVersion());
      tables.add(
          new TableInfo(
              table.name(),
              table.kind(),
              table.activeVersion(),
              active == null ? 0 : active.shards(),
              List.copyOf(table.versions().keySet()),
              table.columns()));
    }
    tables.sort(Comparator.comparing(TableInfo::name));
    return List.copyOf(tables);
  }

  /** Starts a batch; whatever is wrong with it ends the future. */
  <T> CompletableFuture<T> batchGet(
      Supplier<Pin> pin, List<byte[]> keys, ReadOptions options, BatchOutcome<T> outcome) {
    try {
      return BatchCall.start(
          this,
          pin.get(),
          Keys.checked(keys),
          options.columns() == null ? null : ColumnNames.encode(options.columns()),
          deadlineOf(options),
          options.allowPartial(),
          false,
          outcome);
    } catch (FeatureKvException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Starts reading one key, on its own or with others. */
  CompletableFuture<Optional<byte[]>> get(Supplier<Pin> pin, byte[] key, ReadOptions options) {
    if (options.columns() != null) {
      return CompletableFuture.failedFuture(
          new FeatureKvException(
              ErrorCode.INVALID_ARGUMENT, "get returns bytes; getRow returns columns of a row"));
    }
    if (config.singleGetWindow().isZero()) {
      return batchGet(
          pin, List.of(key), options.withAllowPartial(false), BatchOutcome.SINGLE_VALUE);
    }
    try {
      byte[] checked = Keys.checked(List.of(key))[0];
      return singleGets.get(pin.get(), checked, deadlineOf(options));
    } catch (FeatureKvException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Deadline deadlineOf(ReadOptions options) {
    return Deadline.after(options.timeout() == null ? config.timeout() : options.timeout());
  }

  /** Who may be asked for a version, in a read of so many keys. */
  Replicas replicas(RoutingView view, RoutingView.Version version, int keys, int turn) {
    return new Replicas(
        view, version, nodes::isAvoided, endpoint -> nodes.cost(endpoint, keys), turn);
  }

  /** A number that differs from read to read, to spread them. */
  int nextTurn() {
    return ThreadLocalRandom.current().nextInt();
  }

  /**
   * Counts a read in.
   *
   * @throws FeatureKvException UNAVAILABLE when the client is closed, TRY_AGAIN when too many are
   *     under way
   */
  void countIn() {
    if (closed) {
      throw closedError();
    }
    if (openCount.incrementAndGet() > MAX_OPEN_READS) {
      openCount.decrementAndGet();
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN, MAX_OPEN_READS + " reads of this client are under way");
    }
    counters.reads.increment();
  }

  /** Counts a batch in whose reads are counted already: it is within their bound. */
  void countCarrier() {
    if (closed) {
      throw closedError();
    }
    openCount.incrementAndGet();
  }

  /** Counts a read out that was counted in. */
  void countOut() {
    openCount.decrementAndGet();
  }

  /** The batches of a network thread; only on that thread. */
  OpenCalls openCalls(NetworkThread thread) {
    return calls.get(thread.index());
  }

  /**
   * Counts a read in that is no batch, so that closing the client ends it.
   *
   * @throws FeatureKvException as {@link #countIn}
   */
  void opened(CompletableFuture<?> read) {
    countIn();
    Long number = readCount.incrementAndGet();
    open.put(number, read);
    var unused =
        read.whenComplete(
            (result, error) -> {
              open.remove(number);
              countOut();
            });
    if (closed) {
      read.completeExceptionally(closedError());
    }
  }

  private static FeatureKvException closedError() {
    return new FeatureKvException(ErrorCode.UNAVAILABLE, "the client is closed");
  }

  /** The routing, as soon as there is one; fails when no node can be reached. */
  CompletableFuture<RoutingView> firstRouting(NetworkThread thread, long timeoutMillis) {
    CompletableFuture<RoutingView> first = routing.await(view -> true);
    if (!first.isDone()) {
      watch.hurry();
      limit(first, thread, timeoutMillis);
    }
    return first;
  }

  /**
   * A routing that is enough, or else one that some node answered after this call and {@code
   * graceMillis} more; the newest known one when nobody answers.
   */
  CompletableFuture<RoutingView> freshRouting(
      Predicate<RoutingView> enough, long graceMillis, NetworkThread thread, long timeoutMillis) {
    CompletableFuture<RoutingView> found = routing.await(enough);
    if (found.isDone()) {
      return found;
    }
    limit(found, thread, timeoutMillis);
    var unused =
        refresh
            .next()
            .thenRunAsync(() -> later(thread, graceMillis, () -> endWithNewest(found)), thread);
    return found;
  }

  private void limit(
      CompletableFuture<RoutingView> found, NetworkThread thread, long timeoutMillis) {
    try {
      NetworkThread.Timer timer = thread.schedule(timeoutMillis, () -> endWithNewest(found));
      var unused = found.whenComplete((view, error) -> timer.cancel());
    } catch (RejectedExecutionException e) {
      found.completeExceptionally(closedError());
    }
  }

  private void endWithNewest(CompletableFuture<RoutingView> found) {
    RoutingView view = routing.view();
    if (view != null) {
      found.complete(view);
    } else {
      found.completeExceptionally(
          new FeatureKvException(
              ErrorCode.UNAVAILABLE, "no node answered at any of " + watch.addresses()));
    }
  }

  /** Runs a task after a delay; never, when the client is closed by then. */
  static void later(NetworkThread thread, long delayMillis, Runnable task) {
    try {
      thread.schedule(delayMillis, task);
    } catch (RejectedExecutionException e) {
      // Closing ends every read by itself.
    }
  }

  /** Hears of the metadata that some node has; asks for a fresh routing when ours is behind. */
  void sawMetadataIndex(long index) {
    RoutingView view = routing.view();
    long now = System.nanoTime();
    long last = lastLagCheckNanos.get();
    if (view != null
        && index > view.metadataIndex()
        && now - last > LAG_CHECK_MILLIS * 1_000_000
        && lastLagCheckNanos.compareAndSet(last, now)) {
      var unused = refresh.next();
    }
  }

  void close() {
    closed = true;
    for (NetworkThread thread : transport.threads()) {
      try {
        // A batch that begins on the thread after this finds it closed.
        thread.execute(() -> openCalls(thread).close(closedError()));
      } catch (RejectedExecutionException e) {
        // Closed before.
      }
    }
    for (CompletableFuture<?> read : open.values()) {
      read.completeExceptionally(closedError());
    }
    watch.close();
    nodes.close();
    transport.close();
  }
}
