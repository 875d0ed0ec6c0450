package io.featurekv.client;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import java.util.List;

/**
 * How a client finds its cluster and how it reads.
 *
 * @param endpoints nodes to start from, one at least; the others are learnt from them
 * @param timeout deadline of a read that names none; 1 ms to 1 day
 * @param preferredSect the sect to read from while it is whole, usually the one nearby; empty: the
 *     one that answers faster
 * @param clusterId the cluster that is meant; empty: whichever the first node belongs to, which is
 *     then kept to
 * @param networkThreads threads that do the client's work
 * @param hedging whether to ask a second holder when the first is slow to answer
 * @param connectionsPerNode connections to each node; more than 1 only helps where one network
 *     thread cannot keep up with a node
 * @param singleGetWindow how long a single get waits for others, to be sent with them as one batch;
 *     0 (none) to 100 ms
 */
public record ClientConfig(
    List<Endpoint> endpoints,
    Duration timeout,
    String preferredSect,
    String clusterId,
    int networkThreads,
    boolean hedging,
    int connectionsPerNode,
    Duration singleGetWindow) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);
  private static final Duration LONGEST_SINGLE_GET_WINDOW = Duration.ofMillis(100);
  private static final int DEFAULT_NETWORK_THREADS = 2;
  private static final int MAX_NETWORK_THREADS = 64;
  private static final int MAX_CONNECTIONS_PER_NODE = 64;

  public ClientConfig {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw invalid("no endpoint is given, expected host:port,...");
    }
    checkTimeout(timeout);
    if (networkThreads < 1 || networkThreads > MAX_NETWORK_THREADS) {
      throw invalid("networkThreads " + networkThreads + " is not in 1.." + MAX_NETWORK_THREADS);
    }
    if (connectionsPerNode < 1 || connectionsPerNode > MAX_CONNECTIONS_PER_NODE) {
      throw invalid(
          "connectionsPerNode %d is not in 1..%d"
              .formatted(connectionsPerNode, MAX_CONNECTIONS_PER_NODE));
    }
    if (singleGetWindow.isNegative() || singleGetWindow.compareTo(LONGEST_SINGLE_GET_WINDOW) > 0) {
      throw invalid("singleGetWindow " + singleGetWindow + " is not in 0 .. 100 ms");
    }
  }

  /** The defaults: 5 s, the fastest sect, any cluster, hedging, no waiting for others. */
  public static ClientConfig of(List<Endpoint> endpoints) {
    return new ClientConfig(
        endpoints, DEFAULT_TIMEOUT, "", "", DEFAULT_NETWORK_THREADS, true, 1, Duration.ZERO);
  }

  /** The defaults, with endpoints written {@code host:port,...}. */
  public static ClientConfig of(String endpoints) {
    return of(Endpoint.parseList(endpoints));
  }

  /** The same with another timeout. */
  public ClientConfig withTimeout(Duration newTimeout) {
    return new ClientConfig(
        endpoints,
        newTimeout,
        preferredSect,
        clusterId,
        networkThreads,
        hedging,
        connectionsPerNode,
        singleGetWindow);
  }

  /** The same with another sect to prefer. */
  public ClientConfig withPreferredSect(String newSect) {
    return new ClientConfig(
        endpoints,
        timeout,
        newSect,
        clusterId,
        networkThreads,
        hedging,
        connectionsPerNode,
        singleGetWindow);
  }

  /** The same for one cluster only. */
  public ClientConfig withClusterId(String newClusterId) {
    return new ClientConfig(
        endpoints,
        timeout,
        preferredSect,
        newClusterId,
        networkThreads,
        hedging,
        connectionsPerNode,
        singleGetWindow);
  }

  /** The same with more or fewer threads. */
  public ClientConfig withNetworkThreads(int newThreads) {
    return new ClientConfig(
        endpoints,
        timeout,
        preferredSect,
        clusterId,
        newThreads,
        hedging,
        connectionsPerNode,
        singleGetWindow);
  }

  /** The same with hedging or without. */
  public ClientConfig withHedging(boolean newHedging) {
    return new ClientConfig(
        endpoints,
        timeout,
        preferredSect,
        clusterId,
        networkThreads,
        newHedging,
        connectionsPerNode,
        singleGetWindow);
  }

  /** The same with more or fewer connections to each node. */
  public ClientConfig withConnectionsPerNode(int newConnections) {
    return new ClientConfig(
        endpoints,
        timeout,
        preferredSect,
        clusterId,
        networkThreads,
        hedging,
        newConnections,
        singleGetWindow);
  }

  /** The same with another time that single gets wait for others; 0: they do not. */
  public ClientConfig withSingleGetWindow(Duration newWindow) {
    return new ClientConfig(
        endpoints,
        timeout,
        preferredSect,
        clusterId,
        networkThreads,
        hedging,
        connectionsPerNode,
        newWindow);
  }

  static Duration checkTimeout(Duration timeout) {
    if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw invalid("timeout " + timeout + " is not in 1 ms .. 1 day");
    }
    return timeout;
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
