package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;

/**
 * The one cluster that a client reads from: named in the configuration, or the first it meets.
 * Thread-safe.
 */
final class ClusterIdentity {
  private String id;

  ClusterIdentity(String configured) {
    id = configured;
  }

  /** The id, or empty while it is open. */
  synchronized String id() {
    return id;
  }

  /**
   * Settles the id if it is open.
   *
   * @throws FeatureKvException WRONG_CLUSTER when {@code who} is of another cluster
   */
  synchronized void require(String clusterId, Object who) {
    if (id.isEmpty()) {
      id = clusterId;
    }
    if (!id.equals(clusterId)) {
      throw new FeatureKvException(
          ErrorCode.WRONG_CLUSTER,
          "%s belongs to cluster %s, expected %s".formatted(who, clusterId, id));
    }
  }
}
