package io.featurekv.metadata.raft;

import static io.featurekv.metadata.raft.VoterGroup.TIMEOUT_MILLIS;
import static io.featurekv.metadata.raft.VoterGroup.done;
import static io.featurekv.metadata.raft.VoterGroup.envelope;
import static io.featurekv.metadata.raft.VoterGroup.eventually;
import static io.featurekv.metadata.raft.VoterGroup.failureOf;
import static io.featurekv.metadata.raft.VoterGroup.propose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class MetadataVoterTest {
  private static final int MANY = 100_000;

  @TempDir Path root;

  private static Command create(String table) {
    return new Command.CreateTable(
        table, TableKind.MEM, new TableOptions(4, 3, 0, 1000, new ActivateWhen.Live()));
  }

  @Test
  void oneVoterIsAClusterAndRemembersEverythingOverARestart() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      MetadataVoter voter = group.bootstrap("n1-1");
      CommandEnvelope createT = envelope(create("t"));
      CommandResult first = voter.propose(createT, TIMEOUT_MILLIS).join().orThrow();
      assertThat(voter.isLeader()).isTrue();
      assertThat(voter.leaderPeerId()).hasValue("n1-1");
      assertThat(voter.configuration()).containsOnlyKeys("n1-1");
      assertThat(voter.readLinearizable(TIMEOUT_MILLIS).join().tables()).containsKey("t");
      assertThat(propose(voter, create("t")).error()).isEqualTo(ErrorCode.CONFLICT);
      ClusterMetadata before = voter.current();
      group.stop("n1-1");

      MetadataVoter again = group.start("n1-1", true);
      assertThat(again.readLinearizable(TIMEOUT_MILLIS).join()).isEqualTo(before);
      assertThat(again.propose(createT, TIMEOUT_MILLIS).join()).isEqualTo(first);
      assertThat(again.failure()).isEmpty();
    }
  }

  @Test
  void aSingleVoterMayMoveToAnotherAddress() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      done(group.bootstrap("n1-1"), create("t"));
      group.stop("n1-1");
      MetadataVoter again = group.start("n1-1", false, "127.0.0.1:" + VoterGroup.freePort());
      assertThat(again.readLinearizable(TIMEOUT_MILLIS).join().tables()).containsKey("t");
    }
  }

  @Test
  void growsOneByOneAndOutlivesItsLeader() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      done(group.bootstrap("n1-1"), create("t"));
      MetadataVoter second = group.join("n2-1");
      done(second, create("u"));
      assertThat(second.current().tables()).containsKey("t");
      group.join("n3-1");
      assertThat(group.leader().configuration()).containsOnlyKeys("n1-1", "n2-1", "n3-1");
      group.converge();

      group.stop(group.leaderPeer());
      MetadataVoter survivor = group.voter(group.followerPeer());
      done(survivor, create("v"));
      assertThat(survivor.readLinearizable(TIMEOUT_MILLIS).join().tables())
          .containsOnlyKeys("t", "u", "v");
      group.converge();
    }
  }

  @Test
  void everythingIsThereAfterARestartOfAll() {
    try (VoterGroup group = new VoterGroup(root, 10)) {
      group.bootstrap("n1-1");
      group.join("n2-1");
      group.join("n3-1");
      for (int i = 0; i < 25; i++) {
        done(group.leader(), create("t" + i));
      }
      group.converge();
      ClusterMetadata before = group.leader().current();
      List<String> peers = List.of("n1-1", "n2-1", "n3-1");
      peers.forEach(group::stop);
      peers.forEach(peer -> group.start(peer, peer.equals("n1-1")));
      ClusterMetadata after = group.leader().readLinearizable(TIMEOUT_MILLIS).join();
      assertThat(after).isEqualTo(before);
      assertThat(group.leader().configuration()).containsOnlyKeys("n1-1", "n2-1", "n3-1");
      group.converge();
    }
  }

  private static String threeOfWhichOneIsAway(VoterGroup group) {
    group.bootstrap("n1-1");
    group.join("n2-1");
    group.join("n3-1");
    String away = group.followerPeer();
    group.stop(away);
    return away;
  }

  /** As a process leaves it that ends between the two. */
  @Test
  void aVoterWhoseSnapshotWasPublishedAndWhoseLogWasNotDroppedComesBack() throws IOException {
    try (VoterGroup group = new VoterGroup(root, 10)) {
      String away = threeOfWhichOneIsAway(group);
      for (int i = 0; i < 40; i++) {
        done(group.leader(), create("t" + i));
      }
      group.converge();
      Path snapshots = group.groupDirectory(group.leaderPeer()).resolve("sm");
      String newest =
          files(snapshots).stream()
              .filter(name -> name.matches("snapshot\\.\\d+_\\d+"))
              .max(Comparator.comparing(name -> Long.valueOf(name.replaceFirst(".*_", ""))))
              .orElseThrow();
      Files.copy(
          snapshots.resolve(newest), group.groupDirectory(away).resolve("sm").resolve(newest));
      group.start(away, false);
      group.converge();
      done(group.voter(away), create("u"));
      group.converge();
      assertThat(group.voter(away).current().tables()).hasSize(41);
    }
  }

  @Test
  void aVoterThatWasAwayComesBackThroughASnapshot() throws IOException {
    try (VoterGroup group = new VoterGroup(root, 10)) {
      String away = threeOfWhichOneIsAway(group);
      for (int i = 0; i < 15; i++) {
        done(group.leader(), create("t" + i));
      }
      // A new term begins a new log segment; the one before can be purged then.
      String restarted = group.leaderPeer();
      group.stop(restarted);
      group.start(restarted, false);
      for (int i = 15; i < 60; i++) {
        done(group.leader(), create("t" + i));
      }
      group.converge();
      Path current = group.groupDirectory(group.leaderPeer()).resolve("current");
      eventually(() -> assertThat(files(current)).noneMatch(name -> name.startsWith("log_0-")));
      int before = group.snapshotsInstalled();
      group.start(away, false);
      eventually(() -> assertThat(group.snapshotsInstalled()).isGreaterThan(before));
      group.converge();
      done(group.voter(away), create("u"));
      assertThat(group.voter(away).readLinearizable(TIMEOUT_MILLIS).join().tables()).hasSize(61);
      group.converge();
      assertThat(files(group.groupDirectory(group.leaderPeer()).resolve("sm")))
          .filteredOn(name -> name.startsWith("snapshot."))
          .hasSizeLessThanOrEqualTo(2);
    }
  }

  @Test
  void aJoinerOfAnOldClusterGetsASnapshot() {
    try (VoterGroup group = new VoterGroup(root, 10)) {
      MetadataVoter first = group.bootstrap("n1-1");
      for (int i = 0; i < 15; i++) {
        done(first, create("t" + i));
      }
      group.stop("n1-1");
      MetadataVoter again = group.start("n1-1", true);
      for (int i = 15; i < 40; i++) {
        done(again, create("t" + i));
      }
      Path current = group.groupDirectory("n1-1").resolve("current");
      eventually(() -> assertThat(files(current)).noneMatch(name -> name.startsWith("log_0-")));
      int before = group.snapshotsInstalled();
      MetadataVoter joiner = group.join("n2-1");
      eventually(() -> assertThat(group.snapshotsInstalled()).isGreaterThan(before));
      group.converge();
      assertThat(joiner.readLinearizable(TIMEOUT_MILLIS).join().tables()).hasSize(40);
    }
  }

  @Test
  void aVoterCanBeReplacedByItsNextIncarnation() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      group.bootstrap("n1-1");
      group.join("n2-1");
      group.join("n3-1");
      String gone = group.followerPeer();
      group.stop(gone);
      MetadataVoter leader = group.leader();
      Map<String, String> now = leader.configuration();
      Map<String, String> without = new TreeMap<>(now);
      without.remove(gone);
      leader.changeConfiguration(now, without, TIMEOUT_MILLIS).join();
      assertThat(failureOf(() -> leader.changeConfiguration(now, without, TIMEOUT_MILLIS).join()))
          .isEqualTo(ErrorCode.CONFLICT);
      MetadataVoter joiner = group.join("n9-2");
      done(joiner, create("t"));
      group.converge();
    }
  }

  @Test
  void onlyTheLeaderChangesTheVoters() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      group.bootstrap("n1-1");
      group.join("n2-1");
      MetadataVoter follower = group.voter(group.followerPeer());
      Map<String, String> now = follower.configuration();
      assertThat(failureOf(() -> follower.changeConfiguration(now, now, TIMEOUT_MILLIS).join()))
          .isEqualTo(ErrorCode.TRY_AGAIN);
    }
  }

  @Test
  void withoutALeaderNothingHappensAndTheCallerIsToldSo() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      MetadataVoter joiner = group.start("n1-1", false);
      assertThat(joiner.configuration()).isEmpty();
      assertThat(failureOf(() -> joiner.propose(envelope(create("t")), 500).join()))
          .isEqualTo(ErrorCode.TRY_AGAIN);
      assertThat(failureOf(() -> joiner.readLinearizable(500).join()))
          .isEqualTo(ErrorCode.TRY_AGAIN);
    }
  }

  @Test
  void whatCallersAreToldWhileTheMajorityGoesIsTrue() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      group.bootstrap("n1-1");
      group.join("n2-1");
      MetadataVoter leader = group.leader();
      String follower = group.followerPeer();
      Map<String, CompletableFuture<CommandResult>> proposed = new TreeMap<>();
      for (int i = 0; i < 100; i++) {
        if (i == 20) {
          group.stop(follower);
        }
        proposed.put("t" + i, leader.propose(envelope(create("t" + i)), 500));
      }
      Map<String, @Nullable ErrorCode> told = new TreeMap<>();
      proposed.forEach(
          (table, future) ->
              told.put(table, future.handle((r, e) -> e == null ? null : codeOf(e)).join()));
      group.start(follower, false);
      done(group.leader(), create("last"));
      Set<String> tables = group.leader().readLinearizable(TIMEOUT_MILLIS).join().tables().keySet();
      told.forEach(
          (table, error) -> {
            if (error == null) {
              assertThat(tables).contains(table);
            } else if (error == ErrorCode.TRY_AGAIN) {
              assertThat(tables).doesNotContain(table);
            } else {
              assertThat(error).isEqualTo(ErrorCode.UNKNOWN_OUTCOME);
            }
          });
      assertThat(told.values()).contains((ErrorCode) null);
      assertThat(told.values()).containsAnyOf(ErrorCode.TRY_AGAIN, ErrorCode.UNKNOWN_OUTCOME);
      group.converge();
    }
  }

  private static ErrorCode codeOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof FeatureKvException known ? known.code() : ErrorCode.INTERNAL;
  }

  @Test
  void theFirstVoterDoesNotElectItselfOnceThereAreOthers() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      group.bootstrap("n1-1");
      group.join("n2-1");
      group.converge();
      group.stop("n2-1");
      group.stop("n1-1");
      MetadataVoter first = group.start("n1-1", true);
      assertThat(failureOf(() -> first.readLinearizable(1500).join()))
          .isEqualTo(ErrorCode.TRY_AGAIN);
      assertThat(first.isLeader()).isFalse();
      assertThat(first.configuration()).containsOnlyKeys("n1-1", "n2-1");
    }
  }

  @Test
  void aLogThatCannotBeWrittenEndsTheServerAndSaysWhy() throws IOException {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      MetadataVoter voter = group.bootstrap("n1-1");
      Path current = group.groupDirectory("n1-1").resolve("current");
      Path moved = current.resolveSibling("moved");
      Files.move(current, moved);
      // Long enough that the log needs another segment soon, for which there is no directory.
      Command tooLong = new Command.DropTable("x".repeat(2_500_000));
      List<CompletableFuture<CommandResult>> proposed = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        proposed.add(voter.propose(envelope(tooLong), 5_000));
      }
      eventually(() -> assertThat(voter.failure()).isPresent());
      assertThat(voter.failure().orElseThrow()).contains("log");
      assertThat(voter.isLeader()).isFalse();
      assertThat(failureOf(() -> voter.propose(envelope(create("t")), 5_000).join()))
          .isEqualTo(ErrorCode.TRY_AGAIN);
      proposed.forEach(future -> assertThat(future.handle((r, e) -> true).join()).isTrue());
      Files.move(moved, current);
    }
  }

  @Test
  void refusesACommandThatIsTooLongForTheLog() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      MetadataVoter voter = group.bootstrap("n1-1");
      Command tooLong = new Command.DropTable("x".repeat(RaftSettings.MAX_COMMAND_BYTES));
      assertThat(failureOf(() -> voter.propose(envelope(tooLong), TIMEOUT_MILLIS).join()))
          .isEqualTo(ErrorCode.TOO_LARGE);
      done(voter, create("t"));
    }
  }

  @Test
  void closingEndsRequestsUnderWay() {
    VoterGroup group = new VoterGroup(root, MANY);
    MetadataVoter joiner = group.start("n1-1", false);
    var proposed = joiner.propose(envelope(create("t")), 3_600_000);
    group.close();
    assertThat(failureOf(proposed::join)).isEqualTo(ErrorCode.TRY_AGAIN);
    assertThat(failureOf(() -> joiner.propose(envelope(create("t")), 3_600_000).join()))
        .isEqualTo(ErrorCode.TRY_AGAIN);
  }

  @Test
  void anEmptyTermFileIsNamedWithTheWayOut() throws IOException {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      group.bootstrap("n1-1");
      group.stop("n1-1");
      Path termAndVote = group.groupDirectory("n1-1").resolve("current/raft-meta");
      Files.write(termAndVote, new byte[0]);
      assertCorrupt(group, termAndVote);
    }
  }

  @Test
  void aTermFileThatIsCutDamagedOrMissingIsNamedWithTheWayOut() throws IOException {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      group.bootstrap("n1-1");
      group.stop("n1-1");
      Path termAndVote = group.groupDirectory("n1-1").resolve("current/raft-meta");
      byte[] sound = Files.readAllBytes(termAndVote);
      for (int length = 0; length < sound.length; length++) {
        Files.write(termAndVote, Arrays.copyOf(sound, length));
        assertCorrupt(group, termAndVote);
      }
      byte[] flipped = sound.clone();
      int at = new String(sound, StandardCharsets.ISO_8859_1).indexOf("term=") + 2;
      flipped[at] ^= 1;
      Files.write(termAndVote, flipped);
      assertCorrupt(group, termAndVote);
      Files.delete(termAndVote);
      assertCorrupt(group, termAndVote);
    }
  }

  @Test
  void aDamagedSnapshotIsNamedWithTheWayOut() throws IOException {
    try (VoterGroup group = new VoterGroup(root, 5)) {
      MetadataVoter voter = group.bootstrap("n1-1");
      for (int i = 0; i < 12; i++) {
        done(voter, create("t" + i));
      }
      Path snapshots = group.groupDirectory("n1-1").resolve("sm");
      eventually(() -> assertThat(files(snapshots)).isNotEmpty());
      group.stop("n1-1");
      for (String name : files(snapshots)) {
        byte[] bytes = Files.readAllBytes(snapshots.resolve(name));
        bytes[bytes.length / 2] ^= 1;
        Files.write(snapshots.resolve(name), bytes);
      }
      assertCorrupt(group, snapshots);
    }
  }

  @Test
  void aDamagedLogIsNotTakenForAShortOne() throws IOException {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      MetadataVoter voter = group.bootstrap("n1-1");
      for (int i = 0; i < 12; i++) {
        done(voter, create("t" + i));
      }
      group.stop("n1-1");
      group.start("n1-1", true);
      group.leader();
      group.stop("n1-1");
      Path current = group.groupDirectory("n1-1").resolve("current");
      String closed =
          files(current).stream()
              .filter(name -> name.startsWith("log_0-"))
              .findFirst()
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(current.resolve(closed));
      bytes[bytes.length / 2] ^= 1;
      Files.write(current.resolve(closed), bytes);
      assertCorrupt(group, group.directory("n1-1"));
    }
  }

  /** What Ratis calls by another name than damage, or by none. */
  enum LogDamage {
    /** A byte of what is allocated behind the last entry of an open segment. */
    BEHIND_THE_LAST_ENTRY("log_inprogress_") {
      @Override
      byte[] of(byte[] segment) {
        byte[] allocated = Arrays.copyOf(segment, segment.length + 100);
        allocated[segment.length + 50] = 1;
        return allocated;
      }
    },
    /** Where the first entry's length was there is a zero, which is what an end looks like. */
    NO_LENGTH("log_inprogress_") {
      @Override
      byte[] of(byte[] segment) {
        segment[HEADER_BYTES] = 0;
        return segment;
      }
    },
    TOO_LONG("log_inprogress_") {
      @Override
      byte[] of(byte[] segment) {
        Arrays.fill(segment, HEADER_BYTES, HEADER_BYTES + 4, (byte) 0xff);
        segment[HEADER_BYTES + 4] = 7;
        return segment;
      }
    },
    CUT_BEFORE_ANOTHER("log_0-") {
      @Override
      byte[] of(byte[] segment) {
        return Arrays.copyOf(segment, segment.length / 2);
      }
    };

    /** Of a segment, before its entries. */
    private static final int HEADER_BYTES = 8;

    private final String file;

    LogDamage(String file) {
      this.file = file;
    }

    abstract byte[] of(byte[] segment);
  }

  @ParameterizedTest
  @EnumSource
  void aLogDamagedInAnyWayIsNamedWithTheWayOut(LogDamage damage) throws IOException {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      MetadataVoter voter = group.bootstrap("n1-1");
      for (int i = 0; i < 12; i++) {
        done(voter, create("t" + i));
      }
      group.stop("n1-1");
      voter = group.start("n1-1", true);
      group.leader();
      done(voter, create("u"));
      group.stop("n1-1");
      Path current = group.groupDirectory("n1-1").resolve("current");
      Path segment =
          files(current).stream()
              .filter(name -> name.startsWith(damage.file))
              .map(current::resolve)
              .findFirst()
              .orElseThrow();
      Files.write(segment, damage.of(Files.readAllBytes(segment)));
      assertCorrupt(group, current.resolve("log_"));
    }
  }

  private static void assertCorrupt(VoterGroup group, Path named) {
    assertThatThrownBy(() -> group.start("n1-1", false))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.CORRUPT);
              assertThat(e).hasMessageContaining(named.toString());
              assertThat(e).hasMessageContaining("incarnation");
            });
  }

  /** Before anything in it is read: what is being written there could be taken for damage. */
  @Test
  void refusesADirectoryThatIsInUse() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      done(group.bootstrap("n1-1"), create("t"));
      assertThatThrownBy(() -> group.start("n1-1", false))
          .hasMessageContaining("in use by another featurekv process")
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      done(group.voter("n1-1"), create("u"));
    }
  }

  @Test
  void refusesTheDirectoryOfAnotherCluster() throws IOException {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      Files.createDirectories(group.directory("n1-1").resolve(UUID.randomUUID().toString()));
      assertThatThrownBy(() -> group.start("n1-1", true))
          .isInstanceOfSatisfying(
              FeatureKvException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_CLUSTER));
    }
  }

  @Test
  void saysWhenItsPortIsTaken() {
    try (VoterGroup group = new VoterGroup(root, MANY)) {
      String address = "127.0.0.1:" + VoterGroup.freePort();
      group.start("n1-1", false, address);
      assertThatThrownBy(() -> group.start("n2-1", false, address))
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContaining(address);
    }
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
