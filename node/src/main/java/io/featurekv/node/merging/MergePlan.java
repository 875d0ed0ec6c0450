package io.featurekv.node.merging;

import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.MergedFile;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.KeyHash;
import io.featurekv.model.UpdateMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which chains are due to be merged, and who does it: pure functions of the metadata. */
public final class MergePlan {
  /** How often a registration is tried that has certainly not taken effect. */
  static final int REGISTER_ATTEMPTS = 5;

  private MergePlan() {}

  /**
   * What {@code nodeId} has to merge, the longest chains first, the active versions first among
   * equals: chains of more than {@code maxChainFiles} files of the active version of each table and
   * of its newest readable one. Each chain is one node's.
   */
  public static List<DueMerge> due(ClusterMetadata metadata, String nodeId, int maxChainFiles) {
    List<DueMerge> due = new ArrayList<>();
    if (maxChainFiles == 0) {
      return due;
    }
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : candidates(table)) {
        for (int shard = 0; shard < version.shardCount(); shard++) {
          List<ChainFile> files = table.chain(version, shard);
          if (files.size() > maxChainFiles
              && builder(metadata, table.name(), version, shard).equals(Optional.of(nodeId))) {
            due.add(new DueMerge(table, version, shard, files));
          }
        }
      }
    }
    due.sort(
        Comparator.comparingInt((DueMerge merge) -> -merge.files().size())
            .thenComparing(merge -> merge.version().number() != merge.table().activeVersion()));
    return due;
  }

  private static Set<VersionRecord> candidates(TableRecord table) {
    Set<VersionRecord> candidates = new LinkedHashSet<>();
    VersionRecord active = table.active();
    if (active != null) {
      candidates.add(active);
    }
    VersionRecord newest = null;
    for (VersionRecord version : table.versions().values()) {
      newest = isReadable(version) ? version : newest;
    }
    if (newest != null) {
      candidates.add(newest);
    }
    candidates.removeIf(version -> version.mode() != UpdateMode.INCREMENTAL);
    return candidates;
  }

  private static boolean isReadable(VersionRecord version) {
    return switch (version.state()) {
      case READY, ACTIVE, RETAINED, ROLLED_BACK -> true;
      case BUILDING, SEALED, LOADING, FAILED, DROPPED -> false;
    };
  }

  /**
   * The one node that merges a chain: of those that are up and have the whole chain open, the one
   * with the highest hash of its id with the table and the shard, so that shards spread over nodes
   * and a shard stays with its node. When that one goes down, the next takes its place.
   */
  static Optional<String> builder(
      ClusterMetadata metadata, String table, VersionRecord version, int shard) {
    return version.shards().get(shard).ready().stream()
        .map(metadata.nodes()::get)
        .filter(node -> node != null && node.serves() && node.state() == NodeState.UP)
        .map(NodeRecord::id)
        .max(
            Comparator.comparingLong((String id) -> score(id, table, shard))
                .thenComparing(Comparator.reverseOrder()));
  }

  private static long score(String nodeId, String table, int shard) {
    String name = nodeId + '\0' + table + '\0' + shard;
    return KeyHash.of(name.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Why a merge that is under way is no longer worth going on with, empty while it is: the version
   * is no longer kept, or somebody else has registered the file.
   */
  public static Optional<String> obsolete(ClusterMetadata metadata, DueMerge merge, String nodeId) {
    return whyNot(metadata, merge, nodeId);
  }

  /**
   * Whether a merged file is to be registered again after an attempt that has failed. As long as
   * one may have taken effect, the file may be the only copy and is not given up.
   *
   * @param attempt how many there were
   * @param mayBeDone whether the outcome of one of them is not known
   */
  public static boolean isRegisteredAgain(ErrorCode error, int attempt, boolean mayBeDone) {
    return switch (error) {
      case UNKNOWN_OUTCOME -> true;
      case TRY_AGAIN -> mayBeDone || attempt < REGISTER_ATTEMPTS;
      case CONFLICT, NOT_FOUND, INVALID_ARGUMENT -> false;
      default -> mayBeDone;
    };
  }

  /**
   * Why a merge must not be begun although older metadata called for it, empty where it may be: as
   * {@link #obsolete}, or this node has registered the file itself, just before. What is registered
   * may be the only copy and is not written over.
   */
  public static Optional<String> overtaken(ClusterMetadata metadata, DueMerge merge) {
    return whyNot(metadata, merge, null);
  }

  private static Optional<String> whyNot(
      ClusterMetadata metadata, DueMerge merge, @Nullable String mayBeHolder) {
    TableRecord table = metadata.tables().get(merge.table().name());
    VersionRecord version =
        table == null || table.id() != merge.table().id()
            ? null
            : table.versions().get(merge.version().number());
    if (version == null || !version.state().isKept()) {
      return Optional.of("the version is no longer kept");
    }
    MergedFile merged = version.shards().get(merge.shard()).merged();
    return merged != null
            && !merged.holders().isEmpty()
            && (mayBeHolder == null || !merged.holders().contains(mayBeHolder))
        ? Optional.of("registered by " + merged.holders())
        : Optional.empty();
  }
}
