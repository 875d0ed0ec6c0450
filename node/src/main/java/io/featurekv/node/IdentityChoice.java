package io.featurekv.node;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.Hello;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who a node is when it starts: what {@code node.json} says, or at the first start the founder of a
 * new cluster, or a member of the cluster that the nodes to join belong to.
 */
final class IdentityChoice {
  /** How long the nodes to join are waited for. */
  static final Duration JOIN_PATIENCE = Duration.ofSeconds(30);

  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final Logger LOG = LoggerFactory.getLogger(IdentityChoice.class);

  private IdentityChoice() {}

  static NodeIdentity choose(NodeConfig config, Path identityFile, Transport transport) {
    Optional<NodeIdentity> known = NodeIdentity.read(identityFile);
    if (known.isPresent()) {
      checkAgrees(config, known.get(), identityFile);
      refuseOtherCluster(config, known.get(), transport);
      return known.get();
    }
    String nodeId = config.nodeId().isEmpty() ? randomNodeId() : config.nodeId();
    boolean founds = config.join().isEmpty();
    String clusterId = founds ? UUID.randomUUID().toString() : clusterOf(config.join(), transport);
    NodeIdentity identity = new NodeIdentity(clusterId, nodeId, config.sect(), 0, founds);
    identity.write(identityFile);
    return identity;
  }

  private static void checkAgrees(NodeConfig config, NodeIdentity known, Path file) {
    if (!config.nodeId().isEmpty() && !config.nodeId().equals(known.nodeId())) {
      throw new FeatureKvException(
          ErrorCode.WRONG_CLUSTER,
          file
              + " says that this is node '"
              + known.nodeId()
              + "', --node-id says '"
              + config.nodeId()
              + "'");
    }
    if (!config.sect().equals(known.sect())) {
      LOG.warn(
          "{} says that this node belongs to sect '{}'; --sect {} is not used",
          file,
          known.sect(),
          config.sect());
    }
  }

  /**
   * On a restart, nodes to join that belong to another cluster mean a mistake; ones that do not
   * answer mean nothing.
   */
  private static void refuseOtherCluster(
      NodeConfig config, NodeIdentity known, Transport transport) {
    for (Endpoint seed : config.join()) {
      try (Connection connection = greet(seed, known.clusterId(), transport)) {
        return;
      } catch (FeatureKvException e) {
        if (e.code() == ErrorCode.WRONG_CLUSTER) {
          throw new FeatureKvException(
              ErrorCode.WRONG_CLUSTER, "--join " + seed + ": " + e.getMessage(), e);
        }
        LOG.debug("{} does not answer: {}", seed, e.getMessage());
      }
    }
  }

  private static String clusterOf(List<Endpoint> seeds, Transport transport) {
    long deadlineNanos = System.nanoTime() + JOIN_PATIENCE.toNanos();
    List<String> errors = new ArrayList<>();
    while (true) {
      errors.clear();
      for (Endpoint seed : seeds) {
        try (Connection connection = greet(seed, "", transport)) {
          return connection.peer().clusterId();
        } catch (FeatureKvException e) {
          errors.add(seed + ": " + e.getMessage());
        }
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new FeatureKvException(
            ErrorCode.UNAVAILABLE,
            "no node of --join answers within "
                + JOIN_PATIENCE.toSeconds()
                + " s: "
                + String.join("; ", errors));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static Connection greet(Endpoint seed, String clusterId, Transport transport) {
    try {
      return transport
          .connect(seed, Hello.tool(clusterId), ATTEMPT_TIMEOUT)
          .orTimeout(ATTEMPT_TIMEOUT.toMillis() * 2, TimeUnit.MILLISECONDS)
          .join();
    } catch (RuntimeException e) {
      throw FeatureKvException.from(e);
    }
  }

  private static String randomNodeId() {
    byte[] bytes = new byte[4];
    new SecureRandom().nextBytes(bytes);
    return "node-" + HexFormat.of().formatHex(bytes);
  }
}
