package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.client.RoutingView.Node;
import io.featurekv.client.RoutingView.Version;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingNode;
import io.featurekv.protocol.message.RoutingShard;
import io.featurekv.protocol.message.RoutingTable;
import io.featurekv.protocol.message.RoutingVersion;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The decisions of the client, without a network. */
class ReadPolicyTest {
  private static final Node A0 = node("a0", "a", 1, true);
  private static final Node A1 = node("a1", "a", 2, true);
  private static final Node B0 = node("b0", "b", 3, true);
  private static final Node B1 = node("b1", "b", 4, true);
  // Shard 0 is on a0 and b0, shard 1 on a1 and b1.
  private static final Version VERSION =
      new Version(7, List.of(new int[] {0, 2}, new int[] {1, 3}));

  private static Node node(String id, String sect, int port, boolean up) {
    return new Node(id, sect, new Endpoint("h", port), up);
  }

  private static RoutingView view(String cluster, long index, Node... nodes) {
    return new RoutingView(cluster, index, List.of(nodes), Map.of());
  }

  private static Replicas replicas(Set<Node> avoided, int turn) {
    return new Replicas(
        view("c", 1, A0, A1, B0, B1),
        VERSION,
        endpoint -> avoided.stream().anyMatch(node -> endpoint.equals(node.endpoint())),
        endpoint -> 0,
        turn);
  }

  private static BitSet shards(int... numbers) {
    BitSet shards = new BitSet();
    for (int number : numbers) {
      shards.set(number);
    }
    return shards;
  }

  @Test
  void takesSectsInTurnAndThePreferredOneWhileItIsWhole() {
    BitSet both = shards(0, 1);
    assertThat(replicas(Set.of(), 0).sectFor(both, "")).isEqualTo("a");
    assertThat(replicas(Set.of(), 1).sectFor(both, "")).isEqualTo("b");
    assertThat(replicas(Set.of(), 0).sectFor(both, "b")).isEqualTo("b");
    assertThat(replicas(Set.of(B1), 0).sectFor(both, "b")).isEqualTo("a");
    assertThat(replicas(Set.of(B1), 0).sectFor(shards(0), "b")).isEqualTo("b");
    assertThat(replicas(Set.of(A0, A1, B1), 0).sectFor(both, "a")).isEqualTo("b");
  }

  @Test
  void ordersHoldersBeforeForwardersAndTheSickLast() {
    assertThat(replicas(Set.of(), 0).candidates("b", 0)).containsExactly(B0, A0, A1, B1);
    assertThat(replicas(Set.of(B0), 0).candidates("b", 0)).containsExactly(A0, A1, B1, B0);
    assertThat(replicas(Set.of(B0, A0, A1), 0).candidates("b", 0)).containsExactly(B1, B0, A0, A1);
    assertThat(replicas(Set.of(B0), 0).holderIn("b", 0)).isNull();
    assertThat(replicas(Set.of(), 5).holderIn("b", 1)).isEqualTo(B1);
  }

  @Test
  void doesNotAskANodeThatIsDownWhileOthersAreUp() {
    Node down = node("a0", "a", 1, false);
    Replicas replicas =
        new Replicas(view("c", 1, down, A1, B0, B1), VERSION, endpoint -> false, endpoint -> 0, 0);
    assertThat(replicas.sectFor(shards(0, 1), "a")).isEqualTo("b");
    assertThat(replicas.candidates("a", 0)).last().isEqualTo(down);
  }

  @Test
  void cutsKeysToWhatAFrameTakes() {
    byte[][] keys = {new byte[10], new byte[100], new byte[10], new byte[10]};
    int[] all = {0, 1, 2, 3};
    assertThat(PartPlan.cut(all, keys, 3, 1000))
        .containsExactly(new int[] {0, 1, 2}, new int[] {3});
    assertThat(PartPlan.cut(all, keys, 9, 24))
        .containsExactly(new int[] {0}, new int[] {1}, new int[] {2, 3});
    assertThat(PartPlan.cut(new int[0], keys, 3, 1000)).isEmpty();
  }

  @Test
  void plansKeysByShardAndPassesOverWhomItTried() {
    // One key in each shard; the hash's low half decides.
    int[] hashes = {0, 0x80000000};
    int[] both = {0, 1};
    PartPlan first = PartPlan.of(replicas(Set.of(), 0), "b", both, hashes, TryHistory.NONE);
    assertThat(nodesOf(first)).containsExactly(B0.endpoint(), B1.endpoint());
    FeatureKvException error = new FeatureKvException(ErrorCode.UNAVAILABLE, "no");
    TryHistory history = TryHistory.NONE.failed(B0.endpoint(), error);
    PartPlan second = PartPlan.of(replicas(Set.of(B0), 0), "b", new int[] {0}, hashes, history);
    assertThat(nodesOf(second)).containsExactly(A0.endpoint());
    for (Node node : List.of(A0, A1, B1)) {
      history = history.failed(node.endpoint(), error);
    }
    PartPlan last = PartPlan.of(replicas(Set.of(B0), 0), "b", new int[] {0}, hashes, history);
    assertThat(last.parts()).isEmpty();
    assertThat(last.nobody()).containsExactly(0);
  }

  private static List<Endpoint> nodesOf(PartPlan plan) {
    return plan.parts().stream().map(PartPlan.Part::node).toList();
  }

  @Test
  void givesUpWhatCannotPassAndGoesOnWithWhatMay() {
    Endpoint endpoint = new Endpoint("h", 1);
    TryHistory invalid =
        TryHistory.NONE.failed(endpoint, new FeatureKvException(ErrorCode.INVALID_ARGUMENT, "no"));
    assertThat(invalid.isHopeless()).isTrue();
    TryHistory corrupt =
        TryHistory.NONE.failed(endpoint, new FeatureKvException(ErrorCode.CORRUPT, "no"));
    assertThat(corrupt.isHopeless()).isFalse();
    assertThat(corrupt.nextRound().nextRound().isHopeless()).isTrue();
    TryHistory lost =
        TryHistory.NONE.failed(endpoint, new FeatureKvException(ErrorCode.UNAVAILABLE, "no"));
    assertThat(lost.nextRound().nextRound().isHopeless()).isFalse();
    assertThat(lost.tried()).containsExactly(endpoint);
    assertThat(lost.nextRound().tried()).isEmpty();
    for (int i = 1; i < TryHistory.MAX_TRIES; i++) {
      lost = lost.failed(endpoint, new FeatureKvException(ErrorCode.UNAVAILABLE, "no"));
    }
    assertThat(lost.isHopeless()).isTrue();
  }

  @Test
  void aPauseForSomebodyWhoIsBusyIsNoRoundInWhichEverybodyFailed() {
    Endpoint busy = new Endpoint("h", 1);
    Endpoint broken = new Endpoint("h", 2);
    TryHistory history = TryHistory.NONE;
    for (int i = 0; i < 10; i++) {
      history = history.failed(busy, new FeatureKvException(ErrorCode.TRY_AGAIN, "busy")).pause();
    }
    assertThat(history.tried()).isEmpty();
    assertThat(history.backoffMillis(0)).isEqualTo(500);
    TryHistory corrupt = history.failed(broken, new FeatureKvException(ErrorCode.CORRUPT, "no"));
    assertThat(corrupt.isHopeless()).isFalse();
    assertThat(corrupt.nextRound().nextRound().isHopeless()).isTrue();
  }

  @Test
  void pausesLongerEachRoundUpToALimit() {
    TryHistory history = TryHistory.NONE;
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      history = history.nextRound();
      pauses.add(history.backoffMillis(0));
    }
    assertThat(pauses).isSorted().startsWith(40L, 80L).endsWith(500L);
    assertThat(history.isHopeless()).isTrue();
  }

  @Test
  void boundsExtraRequestsToATenthOfFirstTriesAndAFloor() {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
    ExtraRequests extras = new ExtraRequests(now::get);
    assertThat(takeAll(extras)).isEqualTo(ExtraRequests.MAX_FLOOR);
    for (int i = 0; i < 1_000; i++) {
      extras.firstTry();
    }
    assertThat(takeAll(extras)).isEqualTo(100);
    for (int i = 0; i < 19; i++) {
      extras.firstTry();
    }
    assertThat(takeAll(extras)).isEqualTo(1);
    now.addAndGet(1_000_000_000L);
    assertThat(takeAll(extras)).isEqualTo(ExtraRequests.FLOOR_PER_SECOND);
    now.addAndGet(3_600_000_000_000L);
    for (int i = 0; i < 1_000_000; i++) {
      extras.firstTry();
    }
    assertThat(takeAll(extras)).isEqualTo(ExtraRequests.MAX_FLOOR + ExtraRequests.MAX_EARNED);
  }

  private static int takeAll(ExtraRequests extras) {
    int taken = 0;
    while (extras.take()) {
      taken++;
    }
    return taken;
  }

  @Test
  void letsAClientThatReadsOnceASecondHedgeAndRetryEachTime() {
    AtomicLong now = new AtomicLong();
    ExtraRequests extras = new ExtraRequests(now::get);
    for (int second = 0; second < 1_000; second++) {
      extras.firstTry();
      assertThat(extras.take()).as("hedge in second %d", second).isTrue();
      assertThat(extras.take()).as("retry in second %d", second).isTrue();
      now.addAndGet(1_000_000_000L);
    }
  }

  @Test
  void goesToTheFasterOfTwoSectsButLooksAtTheOtherNowAndThen() {
    Map<Endpoint, Double> costs =
        Map.of(A0.endpoint(), 1e6, A1.endpoint(), 9e6, B0.endpoint(), 2e6, B1.endpoint(), 1e6);
    Random random = new Random(11);
    int a = 0;
    int preferred = 0;
    for (int i = 0; i < 10_000; i++) {
      Replicas replicas =
          new Replicas(
              view("c", 1, A0, A1, B0, B1),
              VERSION,
              endpoint -> false,
              costs::get,
              random.nextInt());
      a += replicas.wholeSect("").name().equals("a") ? 1 : 0;
      preferred += replicas.wholeSect("a").name().equals("a") ? 1 : 0;
    }
    assertThat(a).isBetween(50, 400);
    assertThat(preferred).isEqualTo(10_000);
  }

  @Test
  void spreadsReadsOverSectsThatAreEquallyFast() {
    Random random = new Random(12);
    int a = 0;
    for (int i = 0; i < 10_000; i++) {
      a += replicas(Set.of(), random.nextInt()).wholeSect("").name().equals("a") ? 1 : 0;
    }
    assertThat(a).isBetween(4_500, 5_500);
    assertThat(replicas(Set.of(A1), 0).wholeSect("a").name()).isEqualTo("b");
    assertThat(replicas(Set.of(A1, B0), 0).wholeSect("a")).isNull();
  }

  @Test
  void hedgesToOtherHealthyHoldersOnly() {
    int[] hashes = {0, 0x80000000};
    TryHistory history = TryHistory.NONE.alsoAsked(A0.endpoint());
    PartPlan plan = PartPlan.ofOtherHolders(replicas(Set.of(), 0), "a", null, hashes, history);
    assertThat(nodesOf(plan)).containsExactly(A1.endpoint(), B0.endpoint());
    PartPlan none =
        PartPlan.ofOtherHolders(replicas(Set.of(B0), 0), "a", new int[] {0}, hashes, history);
    assertThat(none.parts()).isEmpty();
    assertThat(none.nobody()).containsExactly(0);
  }

  @Test
  void ejectsForLongerEachTimeAndForgives() {
    AtomicLong now = new AtomicLong();
    NodeHealth health = new NodeHealth(now::get);
    long last = 0;
    for (int i = 0; i < 20; i++) {
      assertThat(health.eject(false)).isTrue();
      assertThat(health.eject(false)).isFalse();
      long pause = health.pauseMillis(0.5);
      assertThat(pause).isGreaterThanOrEqualTo(last);
      last = pause;
      assertThat(health.probed()).isTrue();
      assertThat(health.isEjected()).isFalse();
    }
    assertThat(last).isEqualTo(NodeHealth.FIRST_EJECTION_MILLIS << NodeHealth.MAX_EJECTION_SHIFT);
    assertThat(health.pauseMillis(0)).isLessThan(last);
    now.addAndGet(NodeHealth.FORGIVEN_AFTER_NANOS + 1);
    health.eject(false);
    assertThat(health.pauseMillis(0.5)).isEqualTo(NodeHealth.FIRST_EJECTION_MILLIS);
  }

  @Test
  void holdsAgainstANodeWhatIsItsOwnFault() {
    NodeHealth health = new NodeHealth(() -> 0);
    for (int i = 0; i < 100; i++) {
      assertThat(health.answeredError(ErrorCode.TRY_AGAIN)).isFalse();
      assertThat(health.answeredError(ErrorCode.VERSION_NOT_SERVED)).isFalse();
      assertThat(health.unanswered(ErrorCode.TRY_AGAIN, 0)).isFalse();
    }
    for (int i = 1; i < NodeHealth.MANY_IN_A_ROW; i++) {
      assertThat(health.answeredError(ErrorCode.INTERNAL)).isFalse();
      assertThat(health.unanswered(ErrorCode.DEADLINE, 1)).isFalse();
    }
    assertThat(health.answeredError(ErrorCode.INTERNAL)).isTrue();
    assertThat(health.unanswered(ErrorCode.DEADLINE, 1)).isTrue();
    assertThat(health.answered(0)).isFalse();
    assertThat(health.answeredError(ErrorCode.INTERNAL)).isFalse();
    assertThat(health.unanswered(ErrorCode.UNAVAILABLE, 1)).isTrue();
    assertThat(health.unanswered(ErrorCode.DEADLINE, NodeHealth.LONG_WAIT_MILLIS)).isTrue();
  }

  @Test
  void ejectsWhoIsOutrunOrAnOutlierAgainAndAgain() {
    AtomicLong now = new AtomicLong(5);
    NodeHealth health = new NodeHealth(now::get);
    for (int i = 1; i < NodeHealth.MANY_OUTRUN; i++) {
      assertThat(health.outrun()).isFalse();
    }
    assertThat(health.outrun()).isTrue();
    assertThat(health.compared(true)).isFalse();
    assertThat(health.compared(false)).isFalse();
    for (int i = 1; i < NodeHealth.MANY_SLOW; i++) {
      assertThat(health.compared(true)).isFalse();
    }
    assertThat(health.compared(true)).isTrue();
    // Slow answers do not bring it back, a PING does.
    health.eject(true);
    now.set(100);
    assertThat(health.answered(90)).isFalse();
    assertThat(health.probed()).isTrue();
    // Answers to what was asked after it failed do.
    health.eject(false);
    assertThat(health.answered(90)).isFalse();
    assertThat(health.answered(110)).isTrue();
  }

  @Test
  void tellsALateAnswerByWhatWasUsualForAsManyKeys() {
    NodeLatency latency = new NodeLatency();
    assertThat(latency.lateMillis(100)).isEqualTo(NodeLatency.FIRST_LATE_MILLIS);
    for (int i = 0; i < 1_000; i++) {
      latency.add(100, i % 10 == 0 ? 40_000_000 : 300_000);
      latency.add(10_000, 8_000_000);
    }
    assertThat(latency.lateMillis(100)).isBetween(40L, 60L);
    assertThat(latency.lateMillis(10_000)).isBetween(8L, 12L);
    assertThat(latency.lateMillis(1)).isEqualTo(NodeLatency.FIRST_LATE_MILLIS);
    for (int i = 0; i < 10_000; i++) {
      latency.add(100, 100_000);
    }
    assertThat(latency.lateMillis(100)).isEqualTo(NodeLatency.SHORTEST_LATE_MILLIS);
    assertThat(latency.averageNanos(100)).isBetween(99_000.0, 101_000.0);
    for (int i = 0; i < 100; i++) {
      latency.add(100, Long.MAX_VALUE / 2);
    }
    assertThat(latency.lateMillis(100)).isEqualTo(NodeLatency.LONGEST_LATE_MILLIS);
    latency.forget();
    assertThat(latency.isKnown(100)).isFalse();
  }

  @Test
  void neverGoesBackToAnOlderRouting() {
    RoutingState state = new RoutingState(new ClusterIdentity(""), view -> {});
    assertThat(state.view()).isNull();
    RoutingView ten = view("c", 10, A0);
    state.publish(ten);
    state.publish(view("c", 9, A0, A1));
    assertThat(state.view()).isSameAs(ten);
    RoutingView again = view("c", 10, A0, B0);
    state.publish(again);
    assertThat(state.view()).isSameAs(again);
    assertThatThrownBy(() -> state.publish(view("d", 11, A0)))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.WRONG_CLUSTER));
    assertThat(state.view()).isSameAs(again);
  }

  @Test
  void tellsWaitersOnceARoutingIsEnough() {
    RoutingState state = new RoutingState(new ClusterIdentity("c"), view -> {});
    var atTwelve = state.await(view -> view.metadataIndex() >= 12);
    state.publish(view("c", 11, A0));
    assertThat(atTwelve).isNotDone();
    state.publish(view("c", 12, A0));
    assertThat(atTwelve).isDone();
    assertThat(state.await(view -> true)).isDone();
    assertThat(state.hasWaiters()).isFalse();
  }

  @Test
  void failsWaitersOnlyAfterEveryAddressFailed() {
    RoutingState state = new RoutingState(new ClusterIdentity(""), view -> {});
    FeatureKvException error = new FeatureKvException(ErrorCode.UNAVAILABLE, "no");
    var early = state.await(view -> true);
    state.attemptFailed(error, 2);
    var late = state.await(view -> true);
    state.attemptFailed(error, 2);
    assertThat(early).isCompletedExceptionally();
    assertThat(late).isNotDone();
    state.publish(view("c", 1, A0));
    assertThat(late).isDone().isNotCompletedExceptionally();
  }

  @Test
  void saysWhyAVersionCannotBeRead() {
    TreeMap<Long, Version> versions = new TreeMap<>(Map.of(5L, VERSION, 7L, VERSION));
    RoutingView view =
        new RoutingView(
            "c",
            1,
            List.of(A0, A1, B0, B1),
            Map.of(
                "t", new RoutingView.Table("t", "mem", 5, versions, List.of(), null),
                "new", new RoutingView.Table("new", "mem", 0, new TreeMap<>(), List.of(), null)));
    assertThat(new Pin("t", 0).in(view)).isNotNull();
    assertThat(new Pin("t", 6).in(view)).isNull();
    assertThat(new Pin("t", 6).refusal(view).code()).isEqualTo(ErrorCode.SNAPSHOT_GONE);
    assertThat(new Pin("t", 8).refusal(view).code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(new Pin("new", 0).refusal(view))
        .hasMessageContaining("no active version")
        .extracting(FeatureKvException::code)
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(new Pin("x", 0).refusal(view)).hasMessageContaining("no table 'x'");
  }

  @Test
  void refusesARoutingThatContradictsItself() {
    RoutingNode node = RoutingNode.newBuilder().setId("n").setListen("h:1").build();
    Routing good = Routing.newBuilder().setClusterId("c").addNodes(node).build();
    assertThat(RoutingView.of(good).endpoints()).containsExactly(new Endpoint("h", 1));
    RoutingNode unknown = RoutingNode.newBuilder().setId("m").build();
    assertThat(RoutingView.of(good.toBuilder().addNodes(unknown).build()).endpoints()).hasSize(1);
    for (Routing broken :
        List.of(
            good.toBuilder().clearClusterId().build(),
            good.toBuilder().addNodes(node.toBuilder().setListen("nowhere")).build(),
            good.toBuilder().addTables(table(RoutingShard.newBuilder().addNodes(1))).build(),
            good.toBuilder().addTables(table(RoutingShard.newBuilder().addNodes(-1))).build(),
            good.toBuilder()
                .addTables(
                    RoutingTable.newBuilder()
                        .addVersions(RoutingVersion.newBuilder().setVersion(1)))
                .build())) {
      assertThatThrownBy(() -> RoutingView.of(broken))
          .isInstanceOfSatisfying(
              FeatureKvException.class,
              error -> assertThat(error.code()).isEqualTo(ErrorCode.PROTOCOL));
    }
  }

  private static RoutingTable table(RoutingShard.Builder shard) {
    return RoutingTable.newBuilder()
        .setName("t")
        .addVersions(RoutingVersion.newBuilder().setVersion(1).addShards(shard))
        .build();
  }
}
