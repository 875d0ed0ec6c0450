package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.sort.Duplicates;
import io.featurekv.loader.sort.MemoryRun;
import io.featurekv.loader.sort.RecordCursor;
import io.featurekv.loader.sort.Run;
import io.featurekv.loader.sort.SortBuffer;
import io.featurekv.loader.sort.SortedRecord;
import io.featurekv.loader.sort.SortedRuns;
import io.featurekv.model.FileManifest;
import io.featurekv.model.KeyHash;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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

  @ParameterizedTest
  @CsvSource({"BY_KEY, true", "BY_HASH, true", "BY_HASH, false"})
  void mergesManyRunsInMemoryAndInFiles(EntryOrder order, boolean lastWins) {
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
          public void dropped(int shard, SortedRecord record) {
            assertThat(dropped.add(record.row())).isTrue();
          }
        };
    int records = 40_000;
    int shards = 3;
    List<Run> runs = new ArrayList<>();
    SortBuffer buffer = new SortBuffer(order, shards, true, 256 << 10);
    byte[] filler = new byte[1000];
    for (long i = 1; i <= records; i++) {
      byte[] key = Integer.toString(random.nextInt(10_000)).getBytes(StandardCharsets.UTF_8);
      byte[] value = Arrays.copyOf(filler, filler.length + 8);
      ByteBuffer.wrap(value).putLong(filler.length, i);
      while (!buffer.add(
          KeyHash.of(key), i, false, key, 0, key.length, value, 0, value.length, (int) (i % 3))) {
        buffer.sort(duplicates);
        if (runs.size() % 10 == 0) {
          runs.add(new MemoryRun(buffer));
          buffer = new SortBuffer(order, shards, true, 256 << 10);
        } else {
          runs.add(buffer.writeTo(home.resolve(runs.size() + ".run")));
          buffer.clear();
        }
      }
      model.merge(text(key, 0, key.length), i, (old, now) -> lastWins ? now : old);
    }
    buffer.sort(duplicates);
    runs.add(new MemoryRun(buffer));
    assertThat(runs.size()).isGreaterThan(100);
    SortedRuns sorted = new SortedRuns(runs, duplicates);
    int found = 0;
    for (int shard = 0; shard < shards; shard++) {
      // Less for each run than one of its records takes.
      try (RecordCursor cursor = sorted.cursor(shard, shard == 0 ? 1 : 1 << 20)) {
        while (cursor.next()) {
          found++;
          byte[] key = new byte[cursor.keyLength()];
          NativeMemory.copy(cursor.keyAddress(), key, 0, key.length);
          long row = model.get(text(key, 0, key.length));
          assertThat(cursor.row()).as("seed %d", seed).isEqualTo(row);
          assertThat(cursor.expirySeconds()).isEqualTo((int) (row % 3));
          assertThat(cursor.valueLength()).isEqualTo(filler.length + 8);
          assertThat(Long.reverseBytes(NativeMemory.getLong(cursor.valueAddress() + filler.length)))
              .isEqualTo(row);
        }
      }
    }
    assertThat(found).as("seed %d", seed).isEqualTo(model.size());
    assertThat(dropped).hasSize(records - model.size());
    assertThat(model.values().stream().anyMatch(dropped::contains)).isFalse();
    runs.forEach(Run::close);
  }

  private static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.UTF_8);
  }

  @Test
  void clearsAwayWhatAKilledBuildLeft() {
    Load load = new Load(home).keys().input("generate:100000");
    load.write("build/split-3-0.run", "left over");
    load.write("build/2.mdb", "left over");
    load.run();
    assertThat(home.resolve("build/2.mdb")).doesNotExist();
  }
}
