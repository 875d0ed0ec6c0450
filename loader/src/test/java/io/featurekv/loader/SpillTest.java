package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.sort.Duplicates;
import io.featurekv.loader.sort.ExternalSort;
import io.featurekv.loader.sort.RecordCursor;
import io.featurekv.model.FileManifest;
import io.featurekv.model.KeyHash;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What does not fit into memory comes out as if it had. */
class SpillTest {
  @TempDir Path home;

  @ParameterizedTest
  @EnumSource(EntryOrder.class)
  void buildsTheSameWithAndWithoutSpilling(EntryOrder order) {
    Load load = new Load(home).keys().input("generate:150000?valueBytes=100");
    load.order = order;
    BuildResult spilled = load.run();
    FakeWriters inParts = load.writers;
    load.memoryBytes = 256 << 20;
    BuildResult whole = load.run();
    assertThat(spilled.entries()).isEqualTo(150_000).isEqualTo(whole.entries());
    assertThat(spilled.bytes()).isEqualTo(whole.bytes());
    for (int shard = 0; shard < load.shards; shard++) {
      long expected = whole.files().get(shard).manifest().entries();
      assertThat(inParts.options.get(shard).expectedEntries()).isEqualTo(expected);
      assertThat(load.writers.options.get(shard).expectedEntries()).isEqualTo(expected);
    }
    load.writers
        .entries()
        .forEach((key, value) -> assertThat(inParts.entries().get(key)).isEqualTo(value));
  }

  /** Rows of random keys, values and deletions, held against a map that takes them one by one. */
  @ParameterizedTest
  @CsvSource({
    "BY_KEY, true, FULL",
    "BY_HASH, true, INCREMENTAL",
    "BY_HASH, false, FULL",
    "BY_KEY, false, INCREMENTAL"
  })
  void agreesWithAMap(EntryOrder order, boolean lastWins, UpdateMode mode) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Map<String, String> model = new TreeMap<>();
    Set<String> seen = new HashSet<>();
    StringBuilder csv = new StringBuilder("id,v,gone\n");
    int rows = 60_000;
    int keys = 20_000;
    for (int i = 0; i < rows; i++) {
      String key = keyOf(random.nextInt(keys));
      boolean gone = random.nextInt(10) == 0;
      String value = "v" + i + "x".repeat(random.nextInt(10) == 0 ? random.nextInt(4000) : 200);
      csv.append(key).append(',').append(value).append(',').append(gone).append('\n');
      if (seen.add(key) || lastWins) {
        model.put(key, gone ? "" : value);
      }
    }
    Load load = Load.of(home, "a.csv", csv.toString()).value("v");
    load.deleteColumn = "gone";
    load.mode = mode;
    load.order = order;
    load.shards = 1 + random.nextInt(8);
    load.lastDuplicateWins = lastWins;
    load.maxRejected = rows;
    BuildResult result = load.run();
    Map<String, String> expected = new TreeMap<>(model);
    Set<String> deleted = new HashSet<>();
    expected.forEach(
        (key, value) -> {
          if (value.isEmpty()) {
            deleted.add(key);
          }
        });
    expected.values().removeIf(String::isEmpty);
    assertThat(load.writers.texts().equals(expected)).as("seed %d", seed).isTrue();
    assertThat(result.deleted()).as("seed %d", seed).isEqualTo(deleted.size());
    assertThat(lastWins ? result.duplicates() : result.rejected())
        .as("seed %d", seed)
        .isEqualTo(rows - seen.size());
    result
        .files()
        .forEach(
            file -> {
              FileManifest made = file.manifest();
              assertThat(load.writers.options.get(file.spec().id().shard()).expectedEntries())
                  .isBetween(made.entries() + made.tombstones(), (long) rows);
            });
    assertThat(load.writers.tombstoneTexts())
        .isEqualTo(mode == UpdateMode.INCREMENTAL ? deleted : Set.of());
  }

  /** Many keys share their first 8 bytes, some are prefixes of others. */
  private static String keyOf(int i) {
    return switch (i % 3) {
      case 0 -> Integer.toString(i);
      case 1 -> "key with a long common start " + i;
      default -> "a".repeat(i % 400) + "b".repeat(1 + i / 400);
    };
  }

  @Test
  void takesValuesLongerThanItsMemory() {
    Load load = new Load(home).keys().input("generate:6?valueBytes=" + (24 << 20));
    load.maxValueBytes = 24 << 20;
    load.shards = 2;
    load.run();
    GeneratedEntries expected = GeneratedEntries.parse(load.inputs.getFirst());
    for (int i = 0; i < 6; i++) {
      assertThat(
              Arrays.equals(
                  load.writers.entries().get(GeneratedEntries.keyBytes(i)), expected.value(i)))
          .isTrue();
    }
  }

  /** So many runs that they are merged in several passes. */
  @ParameterizedTest
  @CsvSource({"BY_KEY, true", "BY_HASH, true", "BY_HASH, false"})
  void mergesManyRunsInPasses(EntryOrder order, boolean lastWins) throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Map<String, Long> model = new HashMap<>();
    Set<Long> dropped = ConcurrentHashMap.newKeySet();
    Duplicates duplicates =
        new Duplicates() {
          @Override
          public boolean lastWins() {
            return lastWins;
          }

          @Override
          public void dropped(long location) {
            assertThat(dropped.add(location)).isTrue();
          }
        };
    Path directory = home.resolve("runs");
    int records = 40_000;
    int shards = 3;
    try (ExternalSort sort = new ExternalSort(directory, order, shards, 256 << 10, duplicates)) {
      ByteSink key = new ByteSink();
      ByteSink value = new ByteSink();
      byte[] filler = new byte[1000];
      for (long i = 0; i < records; i++) {
        String text = Integer.toString(random.nextInt(10_000));
        key.reset();
        key.putAscii(text);
        value.reset();
        value.put(filler);
        value.putAscii(text + "=" + i);
        sort.add(KeyHash.of(key.array(), 0, key.length()), i, false, key, value, (int) (i % 3));
        model.merge(text, i, (old, now) -> lastWins ? now : old);
      }
      sort.finish(1);
      try (var files = Files.list(directory)) {
        assertThat(files.count()).isBetween(2L, (long) ExternalSort.MAX_RUNS);
      }
      int found = 0;
      for (int shard = 0; shard < shards; shard++) {
        RecordCursor cursor = sort.cursor(shard);
        while (cursor.next()) {
          found++;
          String text = text(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength());
          assertThat(cursor.location()).as("seed %d", seed).isEqualTo(model.get(text));
          assertThat(cursor.expirySeconds()).isEqualTo((int) (cursor.location() % 3));
          byte[] array = cursor.valueArray();
          String tail =
              text(
                  array,
                  cursor.valueOffset() + filler.length,
                  cursor.valueLength() - filler.length);
          assertThat(tail).isEqualTo(text + "=" + model.get(text));
        }
      }
      assertThat(found).isEqualTo(model.size());
      assertThat(dropped).hasSize(records - model.size());
      assertThat(model.values().stream().anyMatch(dropped::contains)).isFalse();
    }
    assertThat(directory).doesNotExist();
  }

  private static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.UTF_8);
  }

  @Test
  void clearsAwayWhatAKilledBuildLeft() {
    Load load = new Load(home).keys().input("generate:100000");
    load.write("build/runs/run-0.tmp", "left over");
    load.write("build/2.mdb", "left over");
    load.run();
    assertThat(home.resolve("build/2.mdb")).doesNotExist();
  }
}
