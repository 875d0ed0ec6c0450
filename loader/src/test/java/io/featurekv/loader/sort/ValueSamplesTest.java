package io.featurekv.loader.sort;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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
        public void dropped(int shard, SortedRecord record) {
          throw new AssertionError("there are no duplicates, and sampling counts none");
        }
      };

  @TempDir Path home;

  /** Values are keys, padded; in memory, or in runs of so many records. */
  private List<Run> sorted(int recordsOfRun, int records) {
    List<Run> runs = new ArrayList<>();
    byte[] value = new byte[VALUE_BYTES];
    for (int start = 0; start < records; start += recordsOfRun) {
      SortBuffer buffer = new SortBuffer(EntryOrder.BY_KEY, SHARDS, false, 64 << 20);
      for (int i = start; i < Math.min(records, start + recordsOfRun); i++) {
        byte[] key = String.format("%08d", i).getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(value, (byte) ' ');
        System.arraycopy(key, 0, value, 0, key.length);
        boolean deletion = i % 10 == 0;
        int length = deletion ? 0 : value.length;
        assertThat(
                buffer.add(KeyHash.of(key), i, deletion, key, 0, key.length, value, 0, length, 0))
            .isTrue();
      }
      buffer.sort(LAST);
      if (recordsOfRun < records) {
        runs.add(buffer.writeTo(home.resolve(start + ".run")));
        buffer.close();
      } else {
        runs.add(new MemoryRun(buffer));
      }
    }
    return runs;
  }

  private static List<String> keysOf(byte[] sample) {
    String text = new String(sample, StandardCharsets.US_ASCII);
    return List.of(text.strip().split(" +"));
  }

  @ParameterizedTest
  @CsvSource({"60000", "5000"})
  void takesNeighboursFromAllOverEveryShard(int recordsOfRun) {
    List<Run> runs = sorted(recordsOfRun, 60_000);
    List<byte[]> samples = SortedRuns.sampleValues(runs, 4, 400_000);
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
    List<byte[]> again = SortedRuns.sampleValues(runs, 4, 400_000);
    assertThat(again).hasSameSizeAs(samples);
    assertThat(again.get(17)).isEqualTo(samples.get(17));
    runs.forEach(Run::close);
  }

  private static int shardOf(String key) {
    return KeyHash.shardOf(KeyHash.of(key.getBytes(StandardCharsets.US_ASCII)), SHARDS);
  }

  @Test
  void takesEverythingOfASmallTableOnce() {
    List<Run> runs = sorted(100, 100);
    assertThat(
            SortedRuns.sampleValues(runs, 8, 1 << 20).stream()
                .map(ValueSamplesTest::keysOf)
                .flatMap(Collection::stream))
        .doesNotHaveDuplicates()
        .hasSize(90);
    runs.forEach(Run::close);
  }

  @Test
  void hasNothingOfAnEmptyTable() {
    List<Run> runs = sorted(100, 0);
    assertThat(SortedRuns.sampleValues(runs, 8, 1 << 20)).isEmpty();
    runs.forEach(Run::close);
  }
}
