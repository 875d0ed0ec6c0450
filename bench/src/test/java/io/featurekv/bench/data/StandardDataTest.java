package io.featurekv.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StandardDataTest {
  private static final int ENTRIES = 3000;

  /** As {@code load T generate:...} and any other tool computes it. */
  @Test
  void isTheStandardDataSet() {
    assertStandard(
        0,
        "e220a8397b1dcdaf",
        "ede6f0db1e87187d62f1060f15f9a460",
        "68b42782cd2143d661e3331cd43518d4");
    assertStandard(
        2999,
        "ee4700bd2a5aa96a",
        "4b4f2ee6a0518b6b5b8e0d03a075c07d",
        "bde0ebb8d11d28bfa0e580939c4a3113");
    assertStandard(
        StandardKeys.FIRST_ABSENT + 5,
        "dea5e2674fded791",
        "385b426afa1606e52fec52436b7b1ceb",
        "3cc031827c439649b614403a4698259c");
  }

  private static void assertStandard(
      long entry, String key, String valueBegins, String thirdVersionBegins) {
    EntrySet set = EntrySet.plain(ENTRIES, ValueShape.FIXED);
    long id = StandardKeys.id(entry);
    byte[] value = new byte[ValueShape.MAX_BYTES];
    assertThat(new String(StandardKeys.key(id), StandardCharsets.US_ASCII)).isEqualTo(key);
    assertThat(set.writeValue(id, value)).isEqualTo(100);
    assertThat(HexFormat.of().formatHex(value, 0, 16)).isEqualTo(valueBegins);
    assertThat(set.writeValue(id, 3, value)).isEqualTo(100);
    assertThat(HexFormat.of().formatHex(value, 0, 16)).isEqualTo(thirdVersionBegins);
  }

  @ParameterizedTest
  @EnumSource(EntryOrder.class)
  void sortedAndUnsortedInputHandOverTheSame(EntryOrder order) {
    Comparator<byte[]> byKey = Arrays::compareUnsigned;
    Comparator<byte[]> comparator =
        switch (order) {
          case BY_KEY -> byKey;
          case BY_HASH ->
              ((Comparator<byte[]>) (a, b) -> Long.compareUnsigned(KeyHash.of(a), KeyHash.of(b)))
                  .thenComparing(byKey);
        };
    EntrySet set = EntrySet.plain(ENTRIES, ValueShape.VARIED);
    Layout layout = new Layout(3, order);
    SortedSource sorted = new SortedSource(set, SortedIds.of(ENTRIES, layout), 0);
    int total = 0;
    try (StagedSource staged = StagedSource.of(set, layout)) {
      for (int part = 0; part < 3; part++) {
        List<String> fromSorted = entries(sorted, part, comparator);
        assertThat(entries(staged, part, comparator)).isEqualTo(fromSorted);
        assertThat(staged.count(part)).isEqualTo(sorted.count(part)).isEqualTo(fromSorted.size());
        total += fromSorted.size();
      }
    }
    assertThat(total).isEqualTo(ENTRIES);
  }

  private static List<String> entries(EntrySource source, int part, Comparator<byte[]> comparator) {
    List<String> entries = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    source.feed(
        part,
        (key, keyLength, value, valueLength) -> {
          keys.add(Arrays.copyOf(key, keyLength));
          entries.add(
              Arrays.toString(keys.getLast()) + Arrays.hashCode(Arrays.copyOf(value, valueLength)));
        });
    assertThat(keys).isSortedAccordingTo(comparator);
    return entries;
  }

  @Test
  void updatesAreOneInTwentyEach() {
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    for (int entry = 0; entry < 100_000; entry++) {
      counts.merge(EntrySet.versionOf(StandardKeys.id(entry)), 1, Integer::sum);
    }
    assertThat(counts.keySet()).containsExactly(0, 1, 2, 3, 4);
    assertThat(counts.tailMap(1).values())
        .allSatisfy(count -> assertThat(count).isBetween(4500, 5500));
  }

  @Test
  void zipfDrawsTheFirstRankAsOftenAsItShould() {
    int ranks = 1000;
    double sum = 0;
    for (int rank = 1; rank <= ranks; rank++) {
      sum += Math.pow(rank, -0.99);
    }
    ZipfSampler sampler = new ZipfSampler(ranks, 0.99);
    SplittableRandom random = new SplittableRandom(5);
    int draws = 200_000;
    int[] counts = new int[ranks + 1];
    for (int i = 0; i < draws; i++) {
      counts[sampler.rank(random)]++;
    }
    assertThat(counts[1] / (double) draws).isBetween(0.95 / sum, 1.05 / sum);
    assertThat(counts[10] / (double) draws)
        .isBetween(0.85 * Math.pow(10, -0.99) / sum, 1.15 * Math.pow(10, -0.99) / sum);
  }
}
