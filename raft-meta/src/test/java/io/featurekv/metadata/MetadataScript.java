package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** A cluster's metadata driven command by command, each of which goes through its encoded form. */
final class MetadataScript {
  static final TableOptions TWO_SHARDS =
      new TableOptions(2, 3, 0, 1 << 20, new ActivateWhen.Live());

  private final Random random = new Random(7);
  private ClusterMetadata state = ClusterMetadata.empty();
  private long nowMillis = 1_800_000_000_000L;

  static MetadataScript formed() {
    MetadataScript script = new MetadataScript();
    script.done(new Command.FormCluster("c1", 3));
    return script;
  }

  /** One node in sect a, and table t of two shards. */
  static MetadataScript withTable() {
    MetadataScript script = formed();
    script.done(register("n1", "a"));
    script.done(new Command.CreateTable("t", TableKind.MEM, TWO_SHARDS));
    return script;
  }

  static Command.RegisterNode register(String id, String sect) {
    return new Command.RegisterNode(
        id, 1, sect, Set.of(Duty.values()), "127.0.0.1:7400", "127.0.0.1:7401", "", 1);
  }

  static Command.BeginTask begin(String taskId, UpdateMode mode) {
    return new Command.BeginTask(taskId, "t", mode, "file.csv", "d1", true);
  }

  static Digest digest(String what) {
    return Digest.of(Digest.sha256().digest(what.getBytes(StandardCharsets.UTF_8)));
  }

  static FileManifest manifest(long version, int shard) {
    return new FileManifest(
        1000 + shard, digest(version + "/" + shard), 10, 0, OptionalLong.of(version ^ -shard));
  }

  static FileManifest mergedManifest(long version, int shard) {
    return new FileManifest(5000 + shard, digest("merged " + version + "/" + shard), 20, 0);
  }

  static List<FileManifest> manifests(long version, int shards) {
    List<FileManifest> manifests = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      manifests.add(manifest(version, shard));
    }
    return manifests;
  }

  /** One row of each shard came twice. */
  static List<ShardProof> proofs(long version, int shards) {
    List<ShardProof> proofs = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      long sum = manifest(version, shard).entriesChecksum().orElseThrow();
      proofs.add(new ShardProof(11, sum + 5, 1, 5));
    }
    return proofs;
  }

  static TaskCounts counts(int shards) {
    return new TaskCounts(11L * shards, 10L * shards, 0, shards, 0, 0);
  }

  ClusterMetadata state() {
    return state;
  }

  void pass(long millis) {
    nowMillis += millis;
  }

  long nowMillis() {
    return nowMillis;
  }

  String newId() {
    return OperationIds.next(nowMillis, random);
  }

  CommandResult apply(Command command) {
    return apply(newId(), command);
  }

  CommandResult apply(String operationId, Command command) {
    byte[] entry =
        MetadataCodec.encodeCommand(new CommandEnvelope(operationId, nowMillis, command));
    long index = state.index() + 1;
    Applied applied = state.apply(MetadataCodec.decodeCommand(entry), index);
    assertThat(applied.metadata().index()).isEqualTo(index);
    state = applied.metadata();
    return applied.result();
  }

  CommandResult done(Command command) {
    CommandResult result = apply(command);
    assertThat(result.error()).as(result.message()).isNull();
    return result;
  }

  String refused(ErrorCode error, Command command) {
    ClusterMetadata before = state;
    CommandResult result = apply(command);
    assertThat(result.error()).as(result.message()).isEqualTo(error);
    assertThat(state.tables()).isEqualTo(before.tables());
    assertThat(state.nodes()).isEqualTo(before.nodes());
    assertThat(state.tasks()).isEqualTo(before.tasks());
    assertThat(result.message()).isNotBlank();
    return result.message();
  }

  long session(String node) {
    return state.nodes().get(node).session();
  }

  TableRecord table() {
    return state.tables().get("t");
  }

  VersionRecord version(long number) {
    return table().versions().get(number);
  }

  VersionState stateOf(long number) {
    return version(number).state();
  }

  TaskRecord task(String id) {
    return state.tasks().get(id);
  }

  /** A report that {@code node} holds every shard of a version as its manifests will say. */
  CommandResult hold(String node, long version) {
    SortedMap<Integer, String> digests = new TreeMap<>();
    for (int shard = 0; shard < version(version).shardCount(); shard++) {
      digests.put(shard, manifest(version, shard).digest().hex());
    }
    return done(
        new Command.ReportHeld(
            node, session(node), "t", version, state.attemptOf("t", version), digests));
  }

  CommandResult ready(String node, long version) {
    TreeSet<Integer> shards = new TreeSet<>();
    for (int shard = 0; shard < version(version).shardCount(); shard++) {
      shards.add(shard);
    }
    return done(new Command.ReportReady(node, session(node), "t", version, shards));
  }

  /** {@code node} registers the merged file of a shard, or says that it has the registered one. */
  CommandResult merge(String node, long version, int shard) {
    return done(
        new Command.RegisterMerged(
            node, session(node), "t", version, shard, mergedManifest(version, shard)));
  }

  Command.SealVersion seal(String taskId) {
    TaskRecord task = task(taskId);
    int shards = version(task.version()).shardCount();
    return new Command.SealVersion(
        taskId,
        task.attempt(),
        manifests(task.version(), shards),
        counts(shards),
        proofs(task.version(), shards));
  }

  /** Begins, holds on n1 and seals; returns the version. */
  long sealed(String taskId, UpdateMode mode) {
    long version = done(begin(taskId, mode)).version();
    hold("n1", version);
    done(seal(taskId));
    return version;
  }

  /** Takes a new version to READY. */
  long loaded(String taskId, UpdateMode mode) {
    long version = sealed(taskId, mode);
    done(new Command.AdvanceVersion("t", version, VersionState.LOADING));
    ready("n1", version);
    done(new Command.AdvanceVersion("t", version, VersionState.READY));
    return version;
  }

  /** Takes a new version to ACTIVE. */
  long activated(String taskId, UpdateMode mode) {
    long version = loaded(taskId, mode);
    done(new Command.ActivateVersion("t", version));
    return version;
  }
}
