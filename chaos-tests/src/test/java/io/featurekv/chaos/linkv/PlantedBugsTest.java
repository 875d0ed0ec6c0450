package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.linkv.LinearizabilityChecker.Verdict;
import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.maelstrom.Registers;
import io.featurekv.metadata.raft.maelstrom.VoterRegisters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real voters with a bug planted, and the same without: the checker objects to the first and only
 * to the first. The schedules are fixed.
 */
class PlantedBugsTest {
  private static final long KEY = 1;

  @TempDir Path directory;

  private static void judge(LocalCluster cluster, boolean planted) {
    assertThat(cluster.verdict())
        .isInstanceOf(planted ? Verdict.Violation.class : Verdict.Linearizable.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsARegisterThatIsNotReplicated(boolean planted) throws InterruptedException {
    Function<MetadataVoter, Registers> registers =
        planted ? PlantedRegisters.Unreplicated::new : VoterRegisters::new;
    try (LocalCluster cluster = new LocalCluster(directory, registers)) {
      cluster.start();
      cluster.write("n0", KEY, 1);
      cluster.read("n1", KEY);
      judge(cluster, planted);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsAStoreThatForgetsItsLastWrites(boolean planted)
      throws InterruptedException, IOException {
    try (LocalCluster cluster = new LocalCluster(directory, VoterRegisters::new)) {
      cluster.start();
      for (int value = 1; value <= 8; value++) {
        cluster.write("n" + value % 3, KEY, value);
      }
      for (String node : LocalCluster.NODES) {
        cluster.kill(node);
        if (planted) {
          assertThat(ForgetfulDisk.forgetLaterHalf(cluster.directory(node))).isPositive();
        }
      }
      cluster.start();
      for (String node : LocalCluster.NODES) {
        cluster.read(node, KEY);
      }
      judge(cluster, planted);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsAStaleReadByADeposedLeader(boolean planted) throws InterruptedException {
    Function<MetadataVoter, Registers> registers =
        planted ? PlantedRegisters.StaleReads::new : VoterRegisters::new;
    try (LocalCluster cluster = new LocalCluster(directory, registers)) {
      cluster.start();
      cluster.write("n0", KEY, 1);
      String deposed = cluster.leader();
      cluster.network().cut(Network.between(List.of(deposed), LocalCluster.others(deposed)));
      cluster.write(LocalCluster.others(deposed).getFirst(), KEY, 2);
      Optional<Effect> seen = cluster.invoke(deposed, KEY, new Call.Read());
      assertThat(seen.isPresent()).isEqualTo(planted);
      judge(cluster, planted);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsARetryThatIsAppliedTwice(boolean planted) throws InterruptedException {
    CompletableFuture<Void> again = new CompletableFuture<>();
    try (LocalCluster cluster =
        new LocalCluster(directory, voter -> new PlantedRegisters.Retries(voter, planted, again))) {
      cluster.start();
      cluster.write("n1", KEY, 0);
      CompletableFuture<Optional<Effect>> retried =
          cluster.invokeMeanwhile(
              "n0", KEY, new Call.Write(PlantedRegisters.Retries.RETRIED_VALUE));
      cluster.readUntil("n1", KEY, PlantedRegisters.Retries.RETRIED_VALUE);
      cluster.write("n1", KEY, 2);
      cluster.read("n2", KEY);
      again.complete(null);
      retried.join();
      cluster.read("n2", KEY);
      judge(cluster, planted);
    }
  }

  /**
   * The second node runs twice, as if from a copied disk: one is heard by the first node, the other
   * by the third, and so it votes for both in the same term.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsAVoteThatIsGivenTwice(boolean planted) throws InterruptedException {
    try (LocalCluster cluster = new LocalCluster(directory, VoterRegisters::new)) {
      cluster.network().cut(Network.between(List.of("n0"), List.of("n2")));
      if (planted) {
        cluster.runTwice("n1", "n0", "n2");
      }
      cluster.start();
      // The one in the middle reaches whoever leads.
      cluster.write(planted ? "n0" : "n1", KEY, 1);
      if (!planted) {
        cluster.network().cut(Set.of());
      }
      cluster.write("n2", KEY, 2);
      cluster.read("n0", KEY);
      cluster.read("n2", KEY);
      judge(cluster, planted);
    }
  }
}
