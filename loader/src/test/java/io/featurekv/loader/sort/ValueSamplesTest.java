package io.featurekv.loader.sort;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.row.ByteSink;
import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueSamplesTest {
  private static final int SHARDS = 3;
  private static final int VALUE_BYTES = 200;
  private static final Duplicates LAST =
      new Duplicates() {
        @Override
        public boolean lastWins() {
          return true;
        }

        @Override
        public void dropped(long location) {
          throw new AssertionError("there are no duplicates, and sampling counts none");
        }
      };

  @TempDir Path home;

  /** Values are keys, padded. */
  private ExternalSort sorted(long memoryBytes, int records) {
    ExternalSort sort =
        new ExternalSort(home.resolve("runs"), EntryOrder.BY_KEY, SHARDS, memoryBytes, LAST);
    ByteSink key = new ByteSink();
    ByteSink value = new ByteSink();
    byte[] filler = new byte[VALUE_BYTES - 8];
    Arrays.fill(filler, (byte) ' ');
    for (int i = 0; i < records; i++) {
      key.reset();
      key.putAscii(String.format("%08d", i));
      value.reset();
      value.put(key.array(), 0, key.length());
      value.put(filler);
      sort.add(KeyHash.of(key.array(), 0, key.length()), i, i % 10 == 0, key, value, 0);
    }
    sort.finish(1);
    return sort;
  }

  private static List<String> keysOf(byte[] sample) {
    String text = new String(sample, StandardCharsets.US_ASCII);
    return List.of(text.strip().split(" +"));
  }

  @ParameterizedTest
  @CsvSource({"268435456", "1000000"})
  void takesNeighboursFromAllOverEveryShard(long memoryBytes) {
    try (ExternalSort sort = sorted(memoryBytes, 60_000)) {
      List<byte[]> samples = sort.sampleValues(4, 400_000);
      assertThat(samples.stream().mapToLong(sample -> sample.length).sum())
          .isBetween(350_000L, 400_000L + VALUE_BYTES);
      assertThat(samples.stream().filter(sample -> sample.length == 4 * VALUE_BYTES).count())
          .isGreaterThan(samples.size() * 3L / 4);
      Set<String> parts = new TreeSet<>();
      for (byte[] sample : samples) {
        List<String> keys = keysOf(sample);
        assertThat(keys).isSorted();
        assertThat(keys.stream().map(ValueSamplesTest::shardOf).distinct()).hasSize(1);
        assertThat(keys).noneMatch(key -> key.endsWith("0"));
        parts.add(shardOf(keys.getFirst()) + keys.getFirst().substring(3, 4));
      }
      assertThat(parts).as("each sixth of each shard").hasSize(6 * SHARDS);
      List<byte[]> again = sort.sampleValues(4, 400_000);
      assertThat(again).hasSameSizeAs(samples);
      assertThat(again.get(17)).isEqualTo(samples.get(17));
    }
  }

  private static int shardOf(String key) {
    return KeyHash.shardOf(KeyHash.of(key.getBytes(StandardCharsets.US_ASCII)), SHARDS);
  }

  @Test
  void takesEverythingOfASmallTableOnce() {
    try (ExternalSort sort = sorted(ExternalSort.MIN_MEMORY_BYTES, 100)) {
      assertThat(
              sort.sampleValues(8, 1 << 20).stream()
                  .map(ValueSamplesTest::keysOf)
                  .flatMap(Collection::stream))
          .doesNotHaveDuplicates()
          .hasSize(90);
    }
  }

  @Test
  void hasNothingOfAnEmptyTable() {
    try (ExternalSort sort = sorted(ExternalSort.MIN_MEMORY_BYTES, 0)) {
      assertThat(sort.sampleValues(8, 1 << 20)).isEmpty();
    }
  }
}
