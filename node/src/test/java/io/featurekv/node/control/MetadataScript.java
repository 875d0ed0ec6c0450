package io.featurekv.node.control;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.ShardProof;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A metadata state made by applying commands one after the other, as the group would. */
public final class MetadataScript {
  private ClusterMetadata metadata = ClusterMetadata.empty();
  private long index;
  private long nowMillis = System.currentTimeMillis();

  public MetadataScript() {
    apply(new Command.FormCluster("6b1a1c2e-0000-4000-8000-000000000001", 3));
  }

  public ClusterMetadata metadata() {
    return metadata;
  }

  public long nowMillis() {
    return nowMillis;
  }

  public CommandResult tryApply(Command command) {
    var applied =
        metadata.apply(
            new CommandEnvelope(OperationIds.next(++nowMillis), nowMillis, command), ++index);
    metadata = applied.metadata();
    return applied.result();
  }

  /** The next command is issued just after this time. */
  public MetadataScript at(long millis) {
    nowMillis = millis;
    return this;
  }

  public MetadataScript apply(Command command) {
    tryApply(command).orThrow();
    return this;
  }

  public MetadataScript node(String id, String sect) {
    Set<Duty> duties = EnumSet.allOf(Duty.class);
    return apply(
        new Command.RegisterNode(id, 0, sect, duties, "127.0.0.1:1", "127.0.0.1:2", "", 1));
  }

  public MetadataScript state(String id, NodeState state) {
    return apply(new Command.SetNodeState(id, state));
  }

  public MetadataScript table(String name, int shards, int retain, ActivateWhen when) {
    return apply(
        new Command.CreateTable(
            name, TableKind.MEM, new TableOptions(shards, retain, 0, 1 << 20, when)));
  }

  public static FileManifest manifest(int shard) {
    byte[] digest = new byte[Digest.BYTES];
    digest[0] = (byte) shard;
    return new FileManifest(4096, Digest.of(digest), 1, 0, OptionalLong.of(shard));
  }

  /** Builds and seals a version whose files all the given nodes hold; returns its number. */
  public long sealed(String table, UpdateMode mode, String... holders) {
    return sealed(table, mode, null, holders);
  }

  /** The same, of a version that goes to one sect first. */
  public long sealed(
      String table, UpdateMode mode, @Nullable CanaryPlan canary, String... holders) {
    String task = OperationIds.next(nowMillis);
    CommandResult begun =
        tryApply(new Command.BeginTask(task, table, mode, "x", "00", true, Set.of(), canary))
            .orThrow();
    int shards = metadata.tables().get(table).versions().get(begun.version()).shardCount();
    for (String holder : holders) {
      TreeMap<Integer, String> digests = new TreeMap<>();
      for (int shard = 0; shard < shards; shard++) {
        digests.put(shard, manifest(shard).digest().hex());
      }
      apply(
          new Command.ReportHeld(
              holder,
              metadata.nodes().get(holder).session(),
              table,
              begun.version(),
              begun.attempt(),
              digests));
    }
    List<FileManifest> manifests = new ArrayList<>();
    List<ShardProof> proofs = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      manifests.add(manifest(shard));
      proofs.add(new ShardProof(1, shard, 0, 0));
    }
    apply(
        new Command.SealVersion(
            task,
            begun.attempt(),
            manifests,
            new TaskCounts(shards, shards, 0, 0, 0, 4096),
            proofs));
    return begun.version();
  }

  public MetadataScript loading(String table, long version) {
    return apply(new Command.AdvanceVersion(table, version, VersionState.LOADING));
  }

  public MetadataScript ready(String node, String table, long version, int... shards) {
    TreeSet<Integer> set = new TreeSet<>();
    for (int shard : shards) {
      set.add(shard);
    }
    return apply(
        new Command.ReportReady(node, metadata.nodes().get(node).session(), table, version, set));
  }

  /** A version that every given node has ready and that is active. */
  public long active(String table, int... shards) {
    long version = sealed(table, UpdateMode.FULL, "n0");
    loading(table, version);
    ready("n0", table, version, shards);
    apply(new Command.AdvanceVersion(table, version, VersionState.READY));
    apply(new Command.ActivateVersion(table, version));
    return version;
  }

  /** An increment on the active version that n0 has ready and that is active. */
  public long increment(String table, int... shards) {
    long version = sealed(table, UpdateMode.INCREMENTAL, "n0");
    loading(table, version);
    ready("n0", table, version, shards);
    apply(new Command.AdvanceVersion(table, version, VersionState.READY));
    apply(new Command.ActivateVersion(table, version));
    return version;
  }

  /** A node registers the merged file of a shard, or that it has it, too. */
  public MetadataScript merged(String node, String table, long version, int shard) {
    long session = metadata.nodes().get(node).session();
    return apply(
        new Command.RegisterMerged(node, session, table, version, shard, manifest(100 + shard)));
  }
}
