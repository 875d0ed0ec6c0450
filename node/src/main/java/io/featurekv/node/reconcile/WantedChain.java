package io.featurekv.node.reconcile;

import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.ShardFileSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A shard of a version that a node should have open: its files, newest first.
 *
 * @param activates whether it belongs to the active version; those come first
 * @param files the shortest way: back to the full file or to the first merged one
 * @param settled the way that reads alike but has no merged file that is not complete yet; equal to
 *     {@code files} where there is none. What a node reads until it has the merged file, and what
 *     stays on its disk until everybody has it
 */
public record WantedChain(
    Key key, boolean activates, List<WantedFile> files, List<WantedFile> settled) {
  /** Which chain. */
  public record Key(String table, long version, int shard) {}

  /**
   * A file of a chain, and who has it.
   *
   * @param verifyFull whether its entries are summed up before it is used
   */
  public record WantedFile(
      FileKey key,
      ShardFileSpec spec,
      FileManifest manifest,
      boolean verifyFull,
      List<String> holders) {
    /** Whether later metadata want this very file too, and not that of another attempt. */
    public boolean isWantedBy(ClusterMetadata metadata) {
      return Referenced.digestOf(metadata, key).equals(Optional.of(manifest.digest()));
    }
  }

  public WantedChain {
    files = List.copyOf(files);
    settled = List.copyOf(settled);
  }

  /** Whether there is one way only: the settled one is longer wherever it is another. */
  private boolean isOneWay() {
    return files.size() == settled.size();
  }

  /** The files of both ways, each once. */
  List<WantedFile> allFiles() {
    if (isOneWay()) {
      return files;
    }
    List<WantedFile> all = new ArrayList<>(files);
    all.addAll(onlySettled());
    return all;
  }

  /** Merged files that the settled way does without. */
  List<WantedFile> onlyShortest() {
    return isOneWay() ? List.of() : files.stream().filter(file -> !settled.contains(file)).toList();
  }

  /** Files that the shortest way does without. */
  List<WantedFile> onlySettled() {
    return isOneWay() ? List.of() : settled.stream().filter(file -> !files.contains(file)).toList();
  }

  /** Every chain that the placement gives to a node, the active versions first, then the newest. */
  static List<WantedChain> of(ClusterMetadata metadata, String nodeId) {
    NodeRecord self = metadata.nodes().get(nodeId);
    List<WantedChain> wanted = new ArrayList<>();
    if (self == null || !self.serves()) {
      return wanted;
    }
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        if (version.state().isKept()) {
          addChains(metadata, self, table, version, wanted);
        }
      }
    }
    wanted.sort(
        Comparator.comparing((WantedChain chain) -> !chain.activates())
            .thenComparingLong(chain -> -chain.key().version()));
    return wanted;
  }

  private static void addChains(
      ClusterMetadata metadata,
      NodeRecord self,
      TableRecord table,
      VersionRecord version,
      List<WantedChain> wanted) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      String placed =
          Placement.nodeFor(metadata, self.sect(), table.name(), shard)
              .map(NodeRecord::id)
              .orElse("");
      if (placed.equals(self.id()) || isStandIn(metadata, self, placed, version, shard)) {
        chain(table, version, shard).ifPresent(wanted::add);
      } else if (isOpenNowhere(metadata, self, version, shard)) {
        chain(table, version, shard)
            .filter(chain -> isStandInAsHolder(metadata, self, placed, chain))
            .ifPresent(wanted::add);
      }
    }
  }

  /**
   * A node that has the shard open keeps it until the node that it is placed on has it, so that
   * moving a shard leaves no gap; of several, the one with the least id, so that no two of them
   * rely on one another.
   */
  private static boolean isStandIn(
      ClusterMetadata metadata, NodeRecord self, String placed, VersionRecord version, int shard) {
    List<String> ready = upInSect(metadata, self.sect(), version.shards().get(shard).ready());
    return ready.contains(self.id())
        && ready.stream().noneMatch(id -> id.equals(placed) || id.compareTo(self.id()) < 0);
  }

  /** Whether a version was ready and nobody of the sect has a shard open, as after restarts. */
  private static boolean isOpenNowhere(
      ClusterMetadata metadata, NodeRecord self, VersionRecord version, int shard) {
    return version.state().wasReady()
        && upInSect(metadata, self.sect(), version.shards().get(shard).ready()).isEmpty();
  }

  /**
   * Then one that holds all of its files opens it until the node that it is placed on has them: of
   * several, the one with the least id.
   */
  private static boolean isStandInAsHolder(
      ClusterMetadata metadata, NodeRecord self, String placed, WantedChain chain) {
    return chain.isAllOn(self.id())
        && upInSect(metadata, self.sect(), metadata.nodes().keySet()).stream()
            .filter(chain::isAllOn)
            .noneMatch(id -> id.equals(placed) || id.compareTo(self.id()) < 0);
  }

  private boolean isAllOn(String nodeId) {
    return files.stream().allMatch(file -> file.holders().contains(nodeId))
        || settled.stream().allMatch(file -> file.holders().contains(nodeId));
  }

  private static List<String> upInSect(ClusterMetadata metadata, String sect, Set<String> inOrder) {
    return inOrder.stream()
        .map(metadata.nodes()::get)
        .filter(node -> node != null && node.sect().equals(sect) && node.state() == NodeState.UP)
        .map(NodeRecord::id)
        .toList();
  }

  /** The two ways to read a shard of a version; empty when a file is not there to be had. */
  static Optional<WantedChain> chain(TableRecord table, VersionRecord version, int shard) {
    List<ChainFile> shortest = table.chain(version, shard);
    List<ChainFile> settled = table.settledChain(version, shard);
    if (shortest.isEmpty()) {
      return Optional.empty();
    }
    boolean activates =
        version.state() == VersionState.ACTIVE || version.number() == table.activeVersion();
    List<WantedFile> files = files(table, shortest);
    boolean isOneWay = settled.size() <= shortest.size();
    return Optional.of(
        new WantedChain(
            new Key(table.name(), version.number(), shard),
            activates,
            files,
            isOneWay ? files : files(table, settled)));
  }

  /** What a node must know of each file of a chain. */
  static List<WantedFile> files(TableRecord table, List<ChainFile> chain) {
    List<WantedFile> files = new ArrayList<>(chain.size());
    for (ChainFile file : chain) {
      FileManifest manifest = file.manifest();
      if (manifest == null) {
        throw new IllegalArgumentException(file + " is not sealed");
      }
      VersionRecord version = file.version();
      ShardFileId id = new ShardFileId(table.name(), version.number(), file.shard());
      files.add(
          new WantedFile(
              new FileKey(id, file.merged()),
              new ShardFileSpec(id, version.shardCount(), table.kind(), file.mode()),
              manifest,
              version.verifyFull() && !file.merged(),
              List.copyOf(file.holders())));
    }
    return files;
  }
}
