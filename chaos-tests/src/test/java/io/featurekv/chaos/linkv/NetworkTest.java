package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.linkv.Network.Link;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class NetworkTest {
  private static final List<String> NODES = List.of("n0", "n1", "n2", "n3", "n4");

  private static String raft(String src, String dest, int number) {
    return "{\"src\":\""
        + src
        + "\",\"dest\":\""
        + dest
        + "\",\"body\":{\"type\":\"raft\",\"msg_id\":"
        + number
        + ",\"call\":\"append_entries\",\"data\":\"\"}}";
  }

  /** What arrived of 500 messages. */
  private static List<String> carry(long seed) {
    List<String> arrived = Collections.synchronizedList(new ArrayList<>());
    try (Network network = new Network(seed, Latency.EXPONENTIAL, 1)) {
      network.attach("n0", line -> {});
      network.attach("n1", arrived::add);
      network.lose(0.2);
      network.doubling(0.2);
      int messages = 500;
      for (int i = 0; i < messages; i++) {
        network.send("n0", raft("n0", "n1", i));
      }
      Network.Counts sent = network.counts();
      assertThat(sent.lost()).isBetween(50L, 200L);
      assertThat(sent.doubled()).isBetween(50L, 200L);
      long expected = messages - sent.lost() + sent.doubled();
      Awaitility.await().until(() -> arrived.size() == expected);
      assertThat(network.counts().overtook()).isPositive();
      assertThat(network.leader()).isEqualTo("n0");
    }
    return arrived.stream().map(line -> line.replaceFirst("\"id\":\\d+,", "")).sorted().toList();
  }

  @Test
  void theSeedDecidesWhichMessagesAreLostAndDoubled() {
    assertThat(carry(7)).isEqualTo(carry(7)).isNotEqualTo(carry(8));
  }

  @Test
  void cutsInOneDirectionAndHeals() {
    List<String> arrived = Collections.synchronizedList(new ArrayList<>());
    try (Network network = new Network(1, Latency.CONSTANT, 0)) {
      network.attach("n0", line -> arrived.add("to n0"));
      network.attach("n1", line -> arrived.add("to n1"));
      network.cut(Set.of(new Link("n0", "n1")));
      network.send("n0", raft("n0", "n1", 1));
      network.send("n1", raft("n1", "n0", 2));
      Awaitility.await().until(() -> network.counts().carried() + network.counts().cut() == 2);
      assertThat(arrived).containsExactly("to n0");
      network.cut(Set.of());
      network.send("n0", raft("n0", "n1", 3));
      Awaitility.await().until(() -> arrived.contains("to n1"));
    }
  }

  @Test
  void objectsToWhatMaelstromWouldNotTake() {
    try (Network network = new Network(1, Latency.CONSTANT, 0)) {
      network.attach("n0", line -> {});
      network.attach("c1", line -> {});
      network.ask("c1", "n0", "{\"type\":\"write\",\"msg_id\":1}");
      List<String> bad =
          List.of(
              "hello",
              "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":1},\"x\":1}",
              "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":1,\"x\":1}}",
              "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"type\":\"read_ok\",\"in_reply_to\":1}}",
              "{\"src\":\"n0\",\"dest\":\"c9\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":1}}",
              "{\"src\":\"n7\",\"dest\":\"c1\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":1}}",
              "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":\"1\"}}",
              "{\"src\":\"n0\",\"dest\":1,\"body\":{\"type\":\"write_ok\",\"in_reply_to\":1}}");
      bad.forEach(line -> network.send("n0", line));
      assertThat(network.violations()).hasSize(bad.size());
      network.send(
          "n0",
          "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":1}}");
      assertThat(network.violations()).hasSize(bad.size());
    }
  }

  private static String writeOk(String src, String dest, int id) {
    return "{\"src\":\""
        + src
        + "\",\"dest\":\""
        + dest
        + "\",\"body\":{\"type\":\"write_ok\",\"in_reply_to\":"
        + id
        + "}}";
  }

  @Test
  void objectsToAnswersThatNobodyAskedForAndToSecondOnes() {
    try (Network network = new Network(1, Latency.CONSTANT, 0)) {
      List.of("n0", "n1", "c1", "c2").forEach(id -> network.attach(id, line -> {}));
      network.ask("c1", "n0", "{\"type\":\"write\",\"msg_id\":1}");
      network.ask("c1", "n0", "{\"type\":\"write\",\"msg_id\":2}");
      // Late, since the client has asked for something else meanwhile.
      network.send("n0", writeOk("n0", "c1", 1));
      network.send("n0", writeOk("n0", "c1", 2));
      assertThat(network.violations()).isEmpty();
      network.send("n0", writeOk("n0", "c1", 1));
      network.send("n0", writeOk("n0", "c1", 3));
      network.send("n0", writeOk("n0", "c2", 1));
      network.send("n1", writeOk("n1", "c1", 1));
      assertThat(network.violations().stream().map(what -> what.replaceFirst(":.*", "")))
          .containsExactly(
              "a second reply",
              "a reply to what was not asked",
              "a reply to what was not asked",
              "a reply to what was not asked");
    }
  }

  @Test
  void aSeedMakesOneScheduleInWhichEveryFaultEnds() {
    Set<Fault> all = Fault.parse("all");
    Schedule schedule = Schedule.random(3, NODES, all, 60_000);
    assertThat(Schedule.random(3, NODES, all, 60_000)).isEqualTo(schedule);
    assertThat(Schedule.random(4, NODES, all, 60_000)).isNotEqualTo(schedule);
    assertThat(schedule.steps().stream().map(Schedule.Step::fault).distinct()).hasSize(all.size());
    long begun = schedule.steps().stream().filter(Schedule.Step::begins).count();
    assertThat(schedule.steps()).hasSize(Math.toIntExact(2 * begun));
  }

  private static Set<String> heardBy(String node, List<String> nodes, Set<Link> cuts) {
    return nodes.stream()
        .filter(other -> !cuts.contains(new Link(other, node)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void inARingEveryNodeHearsAnotherMajority() {
    for (List<String> nodes : List.of(NODES, NODES.subList(0, 3))) {
      Set<Link> ring = Schedule.links(Fault.RING, nodes, 0);
      Set<Set<String>> heard =
          nodes.stream().map(node -> heardBy(node, nodes, ring)).collect(Collectors.toSet());
      assertThat(heard).hasSize(nodes.size());
      assertThat(heard).allSatisfy(some -> assertThat(some).hasSize(nodes.size() / 2 + 1));
    }
  }

  @Test
  void aPartitionCutsOffAMinorityAndABridgeLeavesOneNodeToBoth() {
    for (int variant = 0; variant < 4; variant++) {
      Set<Link> cuts = Schedule.links(Fault.PARTITION, NODES, variant);
      assertThat(heardBy("n0", NODES, cuts).size()).isBetween(1, 2);
      assertThat(heardBy("n4", NODES, cuts).size()).isBetween(3, 4);
      assertThat(Schedule.links(Fault.ONE_WAY, NODES, variant))
          .hasSize(NODES.size() - 1)
          .allMatch(link -> link.src().equals("n0") != link.dest().equals("n0"));
    }
    Set<Link> bridge = Schedule.links(Fault.BRIDGE, NODES, 0);
    assertThat(heardBy("n0", NODES, bridge)).hasSize(5);
    assertThat(heardBy("n1", NODES, bridge)).containsExactly("n0", "n1", "n2");
    assertThat(heardBy("n4", NODES, bridge)).containsExactly("n0", "n3", "n4");
  }
}
