package io.featurekv.chaos.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Digest;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checkers object to what they are there for. */
class PlantedFaultsTest {
  private static final FileManifest MANIFEST =
      new FileManifest(4096, Digest.of(digestBytes()), 1, 0);
  private static final SortedMap<String, String> HELD_BY_N0 =
      new TreeMap<>(Map.of("n0", MANIFEST.digest().hex()));

  @TempDir Path directory;

  private Journal journal;
  private Checks checks;
  private NodeWatch nodes;
  private MetadataWatch metadata;
  private ServerNode n0;
  private ServerNode n1;

  @BeforeEach
  void begin() {
    journal = new Journal(directory.resolve("schedule.log"), System.nanoTime());
    checks = new Checks(journal);
    nodes = new NodeWatch(List.of(), checks);
    // Nobody listens on port 1: states come from the tests.
    metadata = new MetadataWatch(List.of(new Endpoint("127.0.0.1", 1)), checks);
    ProcessCluster cluster = new ProcessCluster(directory);
    cluster.add("a");
    cluster.add("b");
    n0 = cluster.node(0);
    n1 = cluster.node(1);
  }

  @AfterEach
  void end() throws IOException {
    nodes.close();
    metadata.close();
    journal.close();
  }

  private static byte[] digestBytes() {
    byte[] bytes = new byte[Digest.BYTES];
    Arrays.fill(bytes, (byte) 7);
    return bytes;
  }

  private void assertFound(int invariant) {
    assertThat(checks.violations().stream().map(Checks.Violation::invariant))
        .containsExactly(invariant);
  }

  private static NodeProbe.Standing standing(long index, String hash, long term, long commit) {
    return new NodeProbe.Standing(index, hash, term, commit, commit, 0);
  }

  private static NodeProbe.Vote vote(long term, String votedFor) {
    return new NodeProbe.Vote(term, votedFor, 0, 17);
  }

  @Test
  void tellsOfAWatchThatBreaks() {
    try (NodeWatch _ = new NodeWatch(List.of(n0), checks)) {
      // A server that was never started has no process to look at.
      await().until(() -> checks.count() > 0);
    }
    assertThat(checks.violations().getFirst().toString()).startsWith("broken: node-watch: ");
  }

  @Test
  void tellsWhatItWasNeverTold() {
    assertThat(nodes.neverSeen()).hasSize(3);
    nodes.take(n0, 1, standing(7, "aa", 0, 0));
    assertThat(nodes.neverSeen()).containsExactly("a term", "a vote on a disk");
    nodes.take(n0, 1, standing(7, "aa", 1, 7));
    nodes.take(n0, vote(1, ""));
    assertThat(nodes.neverSeen()).isEmpty();
  }

  @Test
  void findsTwoHashesOfOneIndex() {
    nodes.take(n0, 1, standing(7, "aa", 1, 7));
    nodes.take(n1, 2, standing(7, "aa", 1, 7));
    assertThat(checks.count()).isZero();
    nodes.take(n1, 2, standing(8, "bb", 1, 8));
    nodes.take(n0, 1, standing(8, "ab", 1, 8));
    assertFound(7);
  }

  @Test
  void findsATermThatGoesBackOverARestart() {
    nodes.take(n0, 1, standing(7, "aa", 3, 7));
    nodes.take(n0, 2, standing(7, "aa", 2, 1));
    assertFound(13);
  }

  @Test
  void findsACommitIndexThatGoesBackInOneProcess() {
    nodes.take(n0, 1, standing(7, "aa", 3, 9));
    nodes.take(n0, 2, standing(7, "aa", 3, 1));
    assertThat(checks.count()).isZero();
    nodes.take(n0, 1, standing(7, "aa", 3, 8));
    assertFound(13);
  }

  @Test
  void findsASecondVoteInATerm() {
    nodes.take(n0, vote(4, ""));
    nodes.take(n0, vote(4, "n1-0"));
    nodes.take(n0, vote(5, "n0-0"));
    assertThat(checks.count()).isZero();
    nodes.take(n0, vote(5, "n1-0"));
    assertFound(13);
  }

  /** A server that is just starting has not looked at the file yet. */
  @Test
  void takesNoVoteFromAFileThatWasHarmed() {
    nodes.take(n0, vote(33, "n0-0"));
    nodes.harming(n0);
    nodes.take(n0, vote(33, ""));
    nodes.take(n0, vote(3, ""));
    assertThat(checks.count()).isZero();
    nodes.take(n0, new NodeProbe.Vote(33, "n0-1", 1, 18));
    nodes.take(n0, new NodeProbe.Vote(33, "", 1, 18));
    assertFound(13);
  }

  @Test
  void findsATermThatGoesBackOnADisk() {
    nodes.take(n0, vote(4, ""));
    nodes.take(n0, vote(3, ""));
    assertFound(13);
  }

  @Test
  void findsAnotherRaftDirectoryOfTheSameVoter() {
    nodes.take(n0, vote(4, ""));
    nodes.take(n0, new NodeProbe.Vote(0, "", 1, 18));
    assertThat(checks.count()).isZero();
    nodes.take(n0, new NodeProbe.Vote(0, "", 1, 19));
    assertFound(13);
  }

  /** The stream of changes may be behind what servers show already. */
  @Test
  void asksAgainWhatAnIncrementBuildsOn() {
    VersionRecord full = version(1, VersionState.ACTIVE, true);
    metadata.record(state(1, 1, full, increment(0, VersionState.BUILDING)), false);
    assertThat(metadata.versions().isReadable("t", 1)).isTrue();
    assertThat(metadata.versions().isReadable("t", 2)).isFalse();
    assertThat(metadata.versions().isReadable("t", 3)).isFalse();
    metadata.learn(state(2, 1, full, increment(1, VersionState.READY)));
    assertThat(metadata.versions().isReadable("t", 2)).isTrue();
    metadata.learn(state(3, 1, increment(7, VersionState.READY)));
    assertThat(metadata.versions().isReadable("t", 2)).as("its parent is not known").isFalse();
  }

  private static VersionRecord increment(long parent, VersionState state) {
    return version(2, UpdateMode.INCREMENTAL, parent, state, "n0", HELD_BY_N0);
  }

  @Test
  void findsTwoActiveVersions() {
    metadata.record(state(1, 1, version(1, VersionState.ACTIVE, true)), false);
    assertThat(checks.count()).isZero();
    metadata.record(
        state(2, 1, version(1, VersionState.ACTIVE, true), version(2, VersionState.ACTIVE, true)),
        false);
    assertFound(7);
  }

  @Test
  void findsAnActivationOfWhatIsReadyNowhere() {
    metadata.record(state(1, 1, version(1, VersionState.ACTIVE, false)), false);
    assertFound(10);
  }

  @Test
  void findsAnActivationWhereOneOfTheReadyNodesHoldsAnotherFile() {
    SortedMap<String, String> holders = new TreeMap<>(HELD_BY_N0);
    holders.put("n1", MANIFEST.digest().hex());
    metadata.record(state(1, 1, version(1, VersionState.ACTIVE, "n0 n1", holders)), false);
    assertThat(checks.count()).isZero();
    holders.put("n1", "00" + MANIFEST.digest().hex().substring(2));
    metadata.record(state(2, 2, version(2, VersionState.ACTIVE, "n0 n1", holders)), false);
    holders.remove("n1");
    metadata.record(state(3, 3, version(3, VersionState.ACTIVE, "n0 n1", holders)), false);
    assertThat(checks.violations().stream().map(Checks.Violation::invariant))
        .containsExactly(10, 10);
  }

  @Test
  void findsADroppedVersionThatComesBack() {
    metadata.record(
        state(1, 1, version(1, VersionState.ACTIVE, true), version(2, VersionState.DROPPED, true)),
        false);
    metadata.record(
        state(2, 1, version(1, VersionState.ACTIVE, true), version(2, VersionState.RETAINED, true)),
        false);
    assertFound(1);
  }

  private static VersionRecord version(long number, VersionState state, boolean isReady) {
    return version(number, state, isReady ? "n0" : "", HELD_BY_N0);
  }

  private static VersionRecord version(
      long number, VersionState state, String readyOn, SortedMap<String, String> holders) {
    return version(number, UpdateMode.FULL, 0, state, readyOn, holders);
  }

  private static VersionRecord version(
      long number,
      UpdateMode mode,
      long parent,
      VersionState state,
      String readyOn,
      SortedMap<String, String> holders) {
    TreeSet<String> ready = new TreeSet<>(List.of(readyOn.split(" ")));
    ready.remove("");
    return new VersionRecord(
        number,
        mode,
        parent,
        state,
        List.of(new ShardRecord(MANIFEST, holders, ready)),
        1,
        0,
        4096,
        1,
        1,
        1,
        0,
        true,
        "task-" + number,
        new TreeMap<>(),
        "");
  }

  private static ClusterMetadata state(long index, long active, VersionRecord... versions) {
    SortedMap<Long, VersionRecord> byNumber = new TreeMap<>();
    for (VersionRecord version : versions) {
      byNumber.put(version.number(), version);
    }
    TableRecord table =
        new TableRecord(
            1,
            "t",
            TableKind.MEM,
            new TableOptions(1, 2, 0, 1 << 20, new ActivateWhen.Live()),
            byNumber.lastKey() + 1,
            active,
            byNumber);
    SortedMap<String, TableRecord> tables = new TreeMap<>();
    tables.put("t", table);
    return new ClusterMetadata(
        1,
        "cluster",
        3,
        index,
        0,
        new TreeMap<>(),
        tables,
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>());
  }
}
