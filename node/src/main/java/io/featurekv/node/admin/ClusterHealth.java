package io.featurekv.node.admin;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import java.util.List;

/** What is degraded, as pure functions of the metadata; empty lists mean healthy. */
public final class ClusterHealth {
  private ClusterHealth() {}

  /** Reasons of one table: shards of its active version without a ready node in a sect, sects incomplete. */
  public static List<String> reasons(ClusterMetadata metadata, TableRecord table) {
    throw new AssertionError("stub");
  }

  /** Reasons of the cluster as a whole: nodes down, fewer voters than wanted. */
  public static List<String> clusterReasons(ClusterMetadata metadata) {
    throw new AssertionError("stub");
  }
}
