package io.featurekv.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.ShardProof;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.control.MetadataScript;
import io.featurekv.node.shipping.Disk;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ReconciliationTest {
  private static final long GRACE_MILLIS = 60_000;

  private final MetadataScript script =
      new MetadataScript()
          .node("n0", "a")
          .node("n1", "a")
          .table("t", 1, 1, new ActivateWhen.Live());
  private long nowNanos = 1;
  private final DiskInMemory disk = new DiskInMemory();
  private final List<Command> reported = new ArrayList<>();
  private final List<Reconciliation.Job> jobs = new ArrayList<>();
  private final OpenFiles<String> open =
      new OpenFiles<>(_ -> ShardChain.of(List.of()), _ -> {}, () -> nowNanos);
  private long newestIndex;
  private final Map<String, Consumer<Boolean>> asked = new HashMap<>();
  private final Reconciliation<String> state =
      new Reconciliation<>(
          self(),
          disk,
          open,
          new NodeReports(self(), this::session, reported::add, () -> nowNanos),
          new Effects(),
          GRACE_MILLIS,
          () -> nowNanos);

  /** The node that the placement gives the only shard to. */
  private String self() {
    return io.featurekv.metadata.Placement.nodeFor(script.metadata(), "a", "t", 0)
        .orElseThrow()
        .id();
  }

  private long session() {
    return script.metadata().nodes().get(self()).session();
  }

  private final class Effects implements Reconciliation.Effects {
    @Override
    public void bring(Reconciliation.Job job) {
      jobs.add(job);
    }

    @Override
    public void show(ClusterMetadata metadata) {}

    @Override
    public void look(ClusterMetadata metadata, List<WantedChain> wanted) {}

    @Override
    public void ask(String nodeId, FileKey key, Digest digest, Consumer<Boolean> answer) {
      asked.put(nodeId + " " + key + " " + digest, answer);
    }

    @Override
    public long newestIndex() {
      return newestIndex;
    }
  }

  private static final class DiskInMemory implements Disk {
    final Map<FileKey, Digest> files = new HashMap<>();

    @Override
    public Optional<Digest> digestOf(FileKey key) {
      return Optional.ofNullable(files.get(key));
    }

    @Override
    public Collection<FileKey> allStored() {
      return List.copyOf(files.keySet());
    }

    @Override
    public Collection<FileKey> allIncoming() {
      return List.of();
    }

    @Override
    public boolean takeProof(FileKey key) {
      return false;
    }

    @Override
    public void delete(FileKey key) {
      files.remove(key);
    }

    @Override
    public void removeStrays(Predicate<FileKey> isWanted) {}

    @Override
    public void removeStrayParts(Predicate<FileKey> isWanted) {}
  }

  private static FileKey key(long version) {
    return FileKey.own(new ShardFileId("t", version, 0));
  }

  private void round() {
    newestIndex = script.metadata().index();
    state.round(script.metadata(), session());
  }

  private void after(long millis) {
    nowNanos += millis * 1_000_000;
    round();
  }

  /** Sealed, held by this node, and open here. */
  private void serve(long version) {
    disk.files.put(key(version), MetadataScript.manifest(0).digest());
    script.loading("t", version);
    round();
    Reconciliation.Job job = jobs.removeLast();
    state.finished(script.metadata(), job.file(), "file");
    round();
    assertThat(open.chain(new WantedChain.Key("t", version, 0))).isNotNull();
  }

  private long sealed() {
    return script.sealed("t", UpdateMode.FULL, self());
  }

  @Test
  void bringsWhatIsPlacedHereOnceAndTellsThatItIsReady() {
    long version = sealed();
    disk.files.put(key(version), MetadataScript.manifest(0).digest());
    round();
    round();
    assertThat(jobs).hasSize(1);
    assertThat(jobs.getFirst().isProved()).isFalse();
    assertThat(reported).isEmpty();
    state.finished(script.metadata(), jobs.getFirst().file(), "file");
    round();
    assertThat(reported).hasSize(1).first().isInstanceOf(Command.ReportReady.class);
  }

  @Test
  void triesAgainAfterAWhileAndTellsOfFailuresThatStay() {
    sealed();
    FeatureKvException error = new FeatureKvException(ErrorCode.UNAVAILABLE, "nobody is there");
    for (int failures = 1; failures <= 3; failures++) {
      round();
      assertThat(jobs).hasSize(1);
      state.failed(script.metadata(), jobs.removeLast().file(), error);
      round();
      assertThat(jobs).as("waits after failure %s", failures).isEmpty();
      after(failures * 1_000L - 1);
      assertThat(jobs).isEmpty();
      nowNanos += 1_000_000;
    }
    round();
    // Told again as long as the metadata does not show it.
    assertThat(reported).hasAtLeastOneElementOfType(Command.ReportLoadFailure.class);
  }

  @Test
  void tellsOfFilesThatAreSaidToBeHereAndAreNotUntilTheMetadataShowsIt() {
    long version = sealed();
    script.apply(new Command.DropVersion("t", version));
    round();
    assertThat(reported).hasSize(1).first().isInstanceOf(Command.ReportDropped.class);
    Command told = reported.removeLast();
    round();
    assertThat(reported).isEmpty();
    // Nobody has heard of it.
    after(10_000);
    assertThat(reported).containsExactly(told);
    script.apply(told);
    reported.clear();
    after(10_000);
    assertThat(reported).isEmpty();
  }

  @Test
  void keepsWhatIsNoLongerKeptForItsGrace() {
    long version = sealed();
    serve(version);
    script.apply(new Command.DropVersion("t", version));
    round();
    after(GRACE_MILLIS);
    assertThat(disk.files).containsKey(key(version));
    after(1);
    assertThat(disk.files).isEmpty();
  }

  /** Readers may have begun when this node had its place again, whether it knew of that or not. */
  @Test
  void theGraceOfADroppedVersionBeginsWithTheDropAndNotWithAnEarlierLossOfPlace() {
    long version = sealed();
    serve(version);
    String self = self();
    long session = session();
    script.state(self, NodeState.TAKEN_OVER);
    state.round(script.metadata(), session);
    script.state(self, NodeState.UP);
    script.apply(new Command.DropVersion("t", version));
    after(GRACE_MILLIS + 1);
    assertThat(disk.files).containsKey(key(version));
    after(GRACE_MILLIS + 1);
    assertThat(disk.files).isEmpty();
  }

  /** A version that both nodes have and are ready with; this one has lost its place. */
  private long readyOnBothAndPlacedOnTheOther(String self, String other) {
    long version = script.sealed("t", UpdateMode.FULL, self, other);
    serve(version);
    script.ready(self, "t", version, 0).ready(other, "t", version, 0);
    script.apply(new Command.AdvanceVersion("t", version, VersionState.READY));
    long session = session();
    script.state(self, NodeState.TAKEN_OVER);
    state.round(script.metadata(), session);
    reported.clear();
    return version;
  }

  private Command.ReportDropped drop(String node, long version) {
    return new Command.ReportDropped(
        node,
        script.metadata().nodes().get(node).session(),
        "t",
        version,
        new TreeSet<>(List.of(0)));
  }

  @Test
  void aFileThatOthersAreToKeepIsToldToBeLeavingFirst() {
    String self = self();
    String other = self.equals("n0") ? "n1" : "n0";
    long version = readyOnBothAndPlacedOnTheOther(self, other);
    after(GRACE_MILLIS + 1);
    assertThat(reported).as("the other one has not said that it has it").isEmpty();
    answer(other, version, true);
    after(1);
    assertThat(disk.files).containsKey(key(version));
    assertThat(reported).hasOnlyElementsOfType(Command.ReportDropped.class).hasSize(1);
    script.apply(drop(self, version));
    after(1);
    assertThat(disk.files).isEmpty();
  }

  private void answer(String nodeId, long version, boolean isThere) {
    asked
        .remove(nodeId + " " + key(version) + " " + MetadataScript.manifest(0).digest())
        .accept(isThere);
  }

  /**
   * A machine that is gone for ever is up in the metadata until a leader has missed it: by that
   * alone the last copy of an active version was deleted (simulated seed 20002611).
   */
  @Test
  void aFileStaysWhileTheNodeThatIsToHaveItDoesNotAnswerAndIsAskedAgain() {
    String self = self();
    String other = self.equals("n0") ? "n1" : "n0";
    long version = readyOnBothAndPlacedOnTheOther(self, other);
    script.apply(drop(self, version));
    after(GRACE_MILLIS + 1);
    after(1);
    assertThat(asked).hasSize(1);
    answer(other, version, false);
    after(1_000);
    assertThat(asked).as("asked just now").isEmpty();
    after(1_000);
    assertThat(asked).hasSize(1);
    nowNanos += 5_000 * 1_000_000L;
    answer(other, version, true);
    after(1);
    assertThat(disk.files).as("the word is of when it was asked for").isNotEmpty();
    script.apply(new Command.SetNodeState(other, NodeState.DOWN));
    reported.clear();
    after(1);
    assertThat(disk.files).isNotEmpty();
    assertThat(reported).first().isInstanceOf(Command.ReportHeld.class);
  }

  @Test
  void tellsAsWhichBytesAFileIsOpenAndNothingOfOneThatIsFoundDamaged() {
    long version = sealed();
    assertThat(state.openDigest(key(version))).isEmpty();
    serve(version);
    assertThat(state.openDigest(key(version))).hasValue(MetadataScript.manifest(0).digest());
    state.damaged(script.metadata(), key(version));
    assertThat(state.openDigest(key(version))).isEmpty();
  }

  @Test
  void ofTwoNodesThatRelyOnOneAnotherOneStays() {
    String self = self();
    String other = self.equals("n0") ? "n1" : "n0";
    long version = readyOnBothAndPlacedOnTheOther(self, other);
    after(GRACE_MILLIS + 1);
    reported.clear();
    script.apply(drop(other, version)).apply(drop(self, version));
    after(1);
    assertThat(disk.files).containsKey(key(version));
    assertThat(reported)
        .hasSize(1)
        .first()
        .isInstanceOfSatisfying(
            Command.ReportHeld.class, held -> assertThat(held.version()).isEqualTo(version));
  }

  @Test
  void deletesNothingByMetadataThatHasChangedMeanwhile() {
    disk.files.put(key(77), MetadataScript.manifest(0).digest());
    newestIndex = script.metadata().index() + 1;
    state.round(script.metadata(), session());
    assertThat(disk.files).isNotEmpty();
    round();
    assertThat(disk.files).isEmpty();
  }

  @Test
  void deletesNothingBeforeItHasCaughtUpWithItsRegistration() {
    disk.files.put(key(77), MetadataScript.manifest(0).digest());
    newestIndex = script.metadata().index();
    state.round(script.metadata(), newestIndex + 1);
    state.round(script.metadata(), 0);
    assertThat(disk.files).isNotEmpty();
  }

  @Test
  void doesNotGiveUpFilesByMetadataOfTheSessionBefore() {
    long version = sealed();
    disk.files.put(key(version), MetadataScript.manifest(0).digest());
    script.loading("t", version).ready(self(), "t", version, 0);
    newestIndex = script.metadata().index();
    state.round(script.metadata(), newestIndex + 1);
    assertThat(reported).isEmpty();
  }

  @Test
  void registeredMergeIsNotBegunAgainBeforeTheMetadataShowsIt() {
    long version = sealed();
    serve(version);
    TableRecord table = script.metadata().tables().get("t");
    List<ChainFile> chain = table.chain(table.versions().get(version), 0);
    FileKey target = FileKey.merged(new ShardFileId("t", version, 0));
    try (LeasedFiles<String> files = state.beginMerge(target, table, chain).orElseThrow()) {
      assertThat(files.newestFirst()).hasSize(1);
    }
    state.endMerge(target, script.metadata().index() + 1);
    round();
    assertThat(state.beginMerge(target, table, chain)).isEmpty();
    script.table("other", 1, 1, new ActivateWhen.Live());
    round();
    state.beginMerge(target, table, chain).orElseThrow().close();
  }

  @Test
  void closesWhatIsDamagedAndBringsItAgain() {
    long version = sealed();
    serve(version);
    state.damaged(script.metadata(), key(version));
    assertThat(open.chain(new WantedChain.Key("t", version, 0))).isNull();
    round();
    assertThat(jobs).hasSize(1);
    assertThat(jobs.getFirst().isDamaged()).isTrue();
    assertThat(jobs.getFirst().isProved()).isFalse();
    assertThat(reported.getLast()).isInstanceOf(Command.ReportDropped.class);
  }

  /** Serves a full version, then an increment on it; this node is ready with both. */
  private long servedIncrementOn(long full) {
    serve(full);
    script.ready(self(), "t", full, 0);
    script.apply(new Command.AdvanceVersion("t", full, VersionState.READY));
    script.apply(new Command.ActivateVersion("t", full));
    long increment = script.sealed("t", UpdateMode.INCREMENTAL, self());
    serve(increment);
    script.ready(self(), "t", increment, 0);
    return increment;
  }

  @Test
  void lostAncestorLeavesTheIncrementHeldAndTakesBackItsReadiness() {
    long full = sealed();
    long increment = servedIncrementOn(full);
    reported.clear();
    state.damaged(script.metadata(), key(full));
    round();
    reported.forEach(script::apply);
    VersionRecord version = script.metadata().tables().get("t").versions().get(increment);
    assertThat(version.shards().getFirst().ready()).isEmpty();
    assertThat(version.shards().getFirst().holders()).containsKey(self());
    assertThat(
            script.metadata().tables().get("t").versions().get(full).shards().getFirst().holders())
        .isEmpty();
  }

  @Test
  void aMergedFileThatIsWellIsNotForgottenWhereAnAncestorIsLost() {
    long full = sealed();
    long increment = servedIncrementOn(full);
    FileKey merged = FileKey.merged(new ShardFileId("t", increment, 0));
    disk.files.put(merged, MetadataScript.manifest(100).digest());
    script.merged(self(), "t", increment, 0);
    reported.clear();
    state.damaged(script.metadata(), key(full));
    round();
    assertThat(reported)
        .isNotEmpty()
        .doesNotHaveAnyElementsOfTypes(Command.ReportMergedDropped.class);
    Reconciliation.Job job = jobs.getLast();
    assertThat(job.file().key()).isEqualTo(merged);
    state.finished(script.metadata(), job.file(), "merged");
    round();
    assertThat(open.chain(new WantedChain.Key("t", increment, 0))).isNotNull();
  }

  /** A node that was away sees the later attempt sealed, and nothing of what came between. */
  @Test
  void aFileOfAnEarlierAttemptIsClosedAlsoWhereItsShardIsOnAnotherNode() {
    String self = self();
    String other = self.equals("n0") ? "n1" : "n0";
    long version = sealed();
    serve(version);
    long session = session();
    script.state(self, NodeState.TAKEN_OVER);
    state.round(script.metadata(), session);
    script.apply(new Command.FailVersion("t", version, "for a test"));
    sealAgain(version, other);
    state.round(script.metadata(), session);
    assertThat(open.chain(new WantedChain.Key("t", version, 0))).isNull();
    assertThat(open.usedFiles()).isEmpty();
  }

  private void sealAgain(long version, String holder) {
    FileManifest manifest = MetadataScript.manifest(9);
    String task = script.metadata().tables().get("t").versions().get(version).taskId();
    int attempt =
        script
            .tryApply(
                new Command.BeginTask(task, "t", UpdateMode.FULL, "x", "00", true, Set.of(), null))
            .orThrow()
            .attempt();
    long session = script.metadata().nodes().get(holder).session();
    script.apply(
        new Command.ReportHeld(
            holder,
            session,
            "t",
            version,
            attempt,
            new TreeMap<>(Map.of(0, manifest.digest().hex()))));
    script.apply(
        new Command.SealVersion(
            task,
            attempt,
            List.of(manifest),
            new TaskCounts(1, 1, 0, 0, 0, 4096),
            List.of(new ShardProof(1, 9, 0, 0))));
  }

  /** Its file must not replace the one that a later attempt has shipped here. */
  @Test
  void aJobOfAnEarlierAttemptIsNoLongerWanted() {
    long version = sealed();
    round();
    WantedChain.WantedFile file = jobs.getFirst().file();
    assertThat(file.isWantedBy(script.metadata())).isTrue();
    script.apply(new Command.FailVersion("t", version, "for a test"));
    assertThat(file.isWantedBy(script.metadata())).isFalse();
    sealAgain(version, self());
    assertThat(file.isWantedBy(script.metadata())).isFalse();
  }

  @Test
  void whatIsHereIsProvedAndWhatIsAnotherOrDamagedIsFetched() {
    sealed();
    round();
    Reconciliation.Job job = jobs.getFirst();
    Digest right = job.file().manifest().digest();
    Digest other = MetadataScript.manifest(9).digest();
    Reconciliation.Job damaged = new Reconciliation.Job(job.file(), false, true);
    Reconciliation.Job proved = new Reconciliation.Job(job.file(), true, false);
    assertThat(Bringing.of(job, "x", Optional.of(right)).how()).isEqualTo(Bringing.How.PROVE);
    assertThat(Bringing.of(proved, "x", Optional.of(right)).how()).isEqualTo(Bringing.How.OPEN);
    assertThat(Bringing.of(job, "x", Optional.empty()))
        .isEqualTo(new Bringing(Bringing.How.FETCH, false, List.of(self())));
    assertThat(Bringing.of(job, "x", Optional.of(other)))
        .isEqualTo(new Bringing(Bringing.How.FETCH, true, List.of(self())));
    assertThat(Bringing.of(damaged, "x", Optional.of(right)).isReplaced()).isTrue();
    // Nobody else has it: what is here is all there is.
    assertThat(Bringing.of(damaged, self(), Optional.of(right)).how())
        .isEqualTo(Bringing.How.PROVE);
    assertThatThrownBy(() -> Bringing.of(job, self(), Optional.empty()))
        .hasMessageContaining("no node holds t/1/0");
    assertThatThrownBy(() -> Bringing.of(job, self(), Optional.of(other)))
        .hasMessageContaining("digest expected " + right + ", actual " + other);
  }
}
