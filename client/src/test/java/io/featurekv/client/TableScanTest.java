package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TableScanTest {
  private static final List<String> KEYS =
      IntStream.range(0, 300).mapToObj("k%03d"::formatted).collect(Collectors.toList());

  private final FakeCluster cluster = FakeCluster.of("a", "a", "b");
  private FeatureKvClient client;

  @BeforeEach
  void open() {
    cluster.table("t", KEYS.toArray(String[]::new)).version("t", 1, 4).version("t", 2, 5);
    cluster.table("t", "-absent").activate("t", 2).publish();
    cluster.nodes().forEach(node -> node.valuesPerReply = 7);
    client = FeatureKvClient.connect(cluster.config());
  }

  @AfterEach
  void closeAll() {
    client.close();
    cluster.close();
  }

  private static List<String> keysOf(Iterator<TableScan.Entry> scan) {
    List<String> keys = new ArrayList<>();
    while (scan.hasNext()) {
      keys.add(text(scan.next().key()));
    }
    return keys;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void asksForEveryPageAtOneReadTime() {
    cluster.node(0).mood = FakeNode.Mood.BROKEN;
    assertThat(keysOf(client.scan("t", ScanOptions.ALL))).isEqualTo(KEYS);
    List<Long> times = new ArrayList<>();
    cluster.nodes().forEach(node -> times.addAll(node.readTimes));
    assertThat(times).hasSizeGreaterThan(KEYS.size() / 7);
    assertThat(times.stream().distinct()).hasSize(1);
    assertThat(times.get(0))
        .isBetween(FakeCluster.READ_TIME_MILLIS, FakeCluster.READ_TIME_MILLIS + 60_000);
  }

  @Test
  void readsEveryEntryInOrderOverAllShards() {
    TableScan scan = client.scan("t", ScanOptions.ALL);
    assertThat(scan.version()).isEqualTo(2);
    for (String key : KEYS) {
      TableScan.Entry entry = scan.next();
      assertThat(text(entry.key())).isEqualTo(key);
      assertThat(text(entry.value())).isEqualTo("t/2/" + key);
    }
    assertThat(scan.hasNext()).isFalse();
    assertThatThrownBy(scan::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void readsRangesPrefixesLimitsAndVersions() {
    ScanOptions range =
        ScanOptions.ALL.withFrom(Keys.utf8("k100")).withTo(Keys.utf8("k200")).withVersion(1);
    TableScan scan = client.scan("t", range);
    assertThat(scan.version()).isEqualTo(1);
    assertThat(keysOf(scan)).isEqualTo(KEYS.subList(100, 200));
    ScanOptions prefix = ScanOptions.ALL.withPrefix(Keys.utf8("k12"));
    assertThat(keysOf(client.scan("t", prefix))).isEqualTo(KEYS.subList(120, 130));
    assertThat(keysOf(client.scan("t", prefix.withFrom(Keys.utf8("k125")))))
        .isEqualTo(KEYS.subList(125, 130));
    assertThat(keysOf(client.scan("t", prefix.withLimit(3)))).isEqualTo(KEYS.subList(120, 123));
    assertThat(keysOf(client.scan("t", ScanOptions.ALL.withPrefix(Keys.utf8("x"))))).isEmpty();
    assertThat(keysOf(client.scan("t", ScanOptions.ALL.withLimit(100))))
        .isEqualTo(KEYS.subList(0, 100));
  }

  @Test
  void findsTheEndOfPrefixesOfHighBytes() {
    byte high = (byte) 0xFF;
    assertThat(ScanOptions.ALL.withPrefix(new byte[] {1, high}).to()).containsExactly(2);
    assertThat(ScanOptions.ALL.withPrefix(new byte[] {high, high}).to()).isNull();
    assertThat(ScanOptions.ALL.withPrefix(new byte[0]).to()).isNull();
  }

  @Test
  void goesOnWhenNodesFail() {
    TableScan scan = client.scan("t", ScanOptions.ALL);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      keys.add(text(scan.next().key()));
    }
    cluster.node(2).kill();
    cluster.node(0).mood = FakeNode.Mood.HUNG;
    keys.addAll(keysOf(scan));
    assertThat(keys).isEqualTo(KEYS);
  }

  @Test
  void staysAtItsVersionWhenAnotherBecomesActive() {
    TableScan scan = client.scan("t", ScanOptions.ALL);
    scan.next();
    cluster.version("t", 4, 9).activate("t", 4).publish();
    while (scan.hasNext()) {
      assertThat(text(scan.next().value())).startsWith("t/2/");
    }
  }

  @Test
  void startsAtTheNewVersionWhenTheFirstChoiceIsGone() {
    client.blocking().tables();
    cluster.version("t", 4, 9).activate("t", 4).drop("t", 2);
    TableScan scan = client.scan("t", ScanOptions.ALL);
    assertThat(scan.version()).isEqualTo(4);
    assertThat(keysOf(scan)).isEqualTo(KEYS);
  }

  @Test
  void failsWhenItsVersionIsGoneOnTheWay() {
    TableScan scan = client.scan("t", ScanOptions.ALL);
    scan.next();
    cluster.version("t", 4, 9).activate("t", 4).drop("t", 2).publish();
    assertThatThrownBy(() -> keysOf(scan))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.SNAPSHOT_GONE));
    assertThatThrownBy(scan::hasNext).isInstanceOf(FeatureKvException.class);
  }

  @Test
  void keepsItsDeadline() {
    client.blocking().tables();
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
    assertThatThrownBy(() -> client.scan("t", ScanOptions.ALL.withTimeout(Duration.ofMillis(200))))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.DEADLINE));
  }

  @Test
  void saysThatThereIsNoSuchTable() {
    assertThatThrownBy(() -> client.scan("nothing", ScanOptions.ALL))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }
}
