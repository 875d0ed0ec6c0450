package io.featurekv.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.GeneratedEntries;
import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StandardDataTest {
  private static final int ENTRIES = 3000;

  @Test
  void isWhatTheLoaderGenerates() {
    EntrySet set = EntrySet.plain(ENTRIES, ValueShape.FIXED);
    GeneratedEntries plain = new GeneratedEntries(ENTRIES, 100, OptionalLong.empty());
    GeneratedEntries updated = new GeneratedEntries(ENTRIES, 100, OptionalLong.of(3));
    byte[] value = new byte[ValueShape.MAX_BYTES];
    for (long entry : new long[] {0, 1, 2999, GeneratedEntries.FIRST_ABSENT + 5}) {
      long id = StandardKeys.id(entry);
      assertThat(StandardKeys.key(id)).isEqualTo(GeneratedEntries.keyBytes(entry));
      int length = set.writeValue(id, value);
      assertThat(Arrays.copyOf(value, length)).isEqualTo(plain.value(entry));
      length = set.writeValue(id, 3, value);
      assertThat(Arrays.copyOf(value, length)).isEqualTo(updated.value(entry));
    }
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
    try (StagedSource staged = new StagedSource(set, layout)) {
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
