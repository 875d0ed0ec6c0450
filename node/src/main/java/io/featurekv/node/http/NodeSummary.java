package io.featurekv.node.http;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.raft.RaftPosition;
import io.featurekv.node.admin.ClusterHealth;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.serving.ServedTable;
import io.featurekv.node.serving.ServedVersion;
import io.featurekv.node.serving.ServingCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What a node says of itself over HTTP. */
public final class NodeSummary {
  private final String nodeId;
  private final MetadataFeed feed;
  private final ServingCatalog catalog;
  private final LongSupplier session;
  private final Supplier<Optional<String>> voterFailure;
  private final Supplier<Optional<RaftPosition>> position;

  /**
   * {@code session} is 0 until the node is registered; {@code position} is empty where no voter
   * runs.
   */
  public NodeSummary(
      String nodeId,
      MetadataFeed feed,
      ServingCatalog catalog,
      LongSupplier session,
      Supplier<Optional<String>> voterFailure,
      Supplier<Optional<RaftPosition>> position) {
    this.nodeId = nodeId;
    this.feed = feed;
    this.catalog = catalog;
    this.session = session;
    this.voterFailure = voterFailure;
    this.position = position;
  }

  /** Why the node is not ready to be used; empty when it is. */
  public List<String> notReady() {
    List<String> reasons = new ArrayList<>();
    if (session.getAsLong() == 0) {
      reasons.add("not registered with the metadata group (reads are served from what is here)");
    }
    voterFailure.get().ifPresent(why -> reasons.add("the metadata voter has stopped: " + why));
    for (ServedTable table : catalog.current().tables().values()) {
      ServedVersion active = table.version(table.activeVersion());
      if (table.activeVersion() != 0 && active == null) {
        reasons.add(
            "table " + table.name() + ": version " + table.activeVersion() + " is not open");
      }
    }
    return reasons;
  }

  /**
   * One {@code name value} a line: {@code index} of the metadata known here, {@code state-hash} of
   * it in hexadecimal, which is equal on all nodes at equal indexes, and, where a voter runs, its
   * {@code term}, {@code commit-index} and {@code applied-index}.
   */
  public String standing() {
    ClusterMetadata metadata = feed.current();
    StringBuilder text = new StringBuilder();
    text.append("index ").append(metadata.index()).append('\n');
    text.append("state-hash ").append(Long.toHexString(metadata.stateHash())).append('\n');
    position
        .get()
        .ifPresent(
            at -> {
              text.append("term ").append(at.term()).append('\n');
              text.append("commit-index ").append(at.commitIndex()).append('\n');
              text.append("applied-index ").append(at.appliedIndex()).append('\n');
            });
    return text.toString();
  }

  /** A page of text for a person. */
  public String page() {
    ClusterMetadata metadata = feed.current();
    StringBuilder text = new StringBuilder();
    text.append("FeatureKV node ").append(nodeId).append('\n');
    text.append("cluster ").append(metadata.clusterId()).append(", metadata index ");
    text.append(metadata.index()).append("\n\nnodes\n");
    for (NodeRecord node : metadata.nodes().values()) {
      text.append(
          "  %-20s %-10s %-10s %s%n"
              .formatted(node.id(), node.sect(), node.state(), node.listen()));
    }
    text.append("\ntables\n");
    for (TableRecord table : metadata.tables().values()) {
      text.append(
          "  %-20s %-4s active version %d, %d versions%n"
              .formatted(
                  table.name(),
                  table.kind().word(),
                  table.activeVersion(),
                  table.versions().size()));
      ClusterHealth.reasons(metadata, table)
          .forEach(why -> text.append("    ").append(why).append('\n'));
    }
    List<String> reasons = notReady();
    ClusterHealth.clusterReasons(metadata).forEach(reasons::add);
    text.append(reasons.isEmpty() ? "\nhealthy\n" : "\ndegraded\n");
    reasons.forEach(why -> text.append("  ").append(why).append('\n'));
    return text.toString();
  }
}
