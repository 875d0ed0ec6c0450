package io.featurekv.loader.sort;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The order in which records come out, down to its ties. */
class SortOrderTest {
  private static final Duplicates LAST =
      new Duplicates() {
        @Override
        public boolean lastWins() {
          return true;
        }

        @Override
        public void dropped(int shard, SortedRecord record) {}
      };

  private static final long BUFFER_BYTES = 1 << 20;

  @Test
  void ordersByUnsignedHashAndEqualOnesByKey() {
    // In memory the hash is what the caller says it is, so that equal ones can be had.
    assertThat(sorted(EntryOrder.BY_HASH, List.of(-1L, 5L, Long.MIN_VALUE, 5L, Long.MAX_VALUE, 5L)))
        .containsExactly("k1", "k3", "k5", "k4", "k2", "k0");
  }

  @Test
  void ordersByKeyWhateverTheHash() {
    assertThat(sorted(EntryOrder.BY_KEY, List.of(-1L, 5L, Long.MIN_VALUE, 5L, 0L)))
        .containsExactly("k0", "k1", "k2", "k3", "k4");
  }

  @ParameterizedTest
  @EnumSource(EntryOrder.class)
  void keepsTheLastRowOfAKey(EntryOrder order) {
    try (SortBuffer buffer = new SortBuffer(order, 1, true, BUFFER_BYTES)) {
      for (int row = 1; row <= 100; row++) {
        add(buffer, 7, row, "k" + row % 3);
      }
      buffer.sort(LAST);
      assertThat(buffer.records(0)).isEqualTo(3);
      RecordCursor cursor = buffer.cursor(0);
      for (long expected : List.of(99L, 100L, 98L)) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.row()).isEqualTo(expected);
      }
    }
  }

  /** Enough keys for each step of the sort, with long common starts, prefixes and copies. */
  @ParameterizedTest
  @EnumSource(EntryOrder.class)
  void agreesWithAStableSortOfTheJdk(EntryOrder order) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      String start = random.nextBoolean() ? "user:" : "x".repeat(random.nextInt(480));
      String end = "\0".repeat(random.nextInt(3));
      keys.add((start + random.nextInt(9000) + end).getBytes(StandardCharsets.UTF_8));
    }
    Map<ByteBuffer, Integer> last = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      last.put(ByteBuffer.wrap(keys.get(i)), i);
    }
    Comparator<byte[]> byKey = Arrays::compareUnsigned;
    List<byte[]> expected =
        last.keySet().stream()
            .map(ByteBuffer::array)
            .sorted(
                order == EntryOrder.BY_KEY
                    ? byKey
                    : Comparator.<byte[], Long>comparing(KeyHash::of, Long::compareUnsigned)
                        .thenComparing(byKey))
            .toList();
    try (SortBuffer buffer = new SortBuffer(order, 1, true, 32 << 20)) {
      for (int i = 0; i < keys.size(); i++) {
        byte[] key = keys.get(i);
        assertThat(buffer.add(KeyHash.of(key), i, false, key, 0, key.length, key, 0, key.length, 0))
            .isTrue();
      }
      buffer.sort(LAST);
      RecordCursor cursor = buffer.cursor(0);
      for (byte[] key : expected) {
        assertThat(cursor.next()).isTrue();
        assertThat(key(cursor)).as("seed %d", seed).isEqualTo(key);
        assertThat(cursor.row()).isEqualTo(last.get(ByteBuffer.wrap(key)).longValue());
      }
      assertThat(cursor.next()).isFalse();
    }
  }

  private static List<String> sorted(EntryOrder order, List<Long> hashes) {
    try (SortBuffer buffer = new SortBuffer(order, 1, false, BUFFER_BYTES)) {
      for (int i = 0; i < hashes.size(); i++) {
        add(buffer, hashes.get(i), i, "k" + i);
      }
      buffer.sort(LAST);
      List<String> keys = new ArrayList<>();
      RecordCursor cursor = buffer.cursor(0);
      while (cursor.next()) {
        keys.add(new String(key(cursor), StandardCharsets.UTF_8));
      }
      return keys;
    }
  }

  private static byte[] key(RecordCursor cursor) {
    byte[] key = new byte[cursor.keyLength()];
    NativeMemory.copy(cursor.keyAddress(), key, 0, key.length);
    return key;
  }

  private static void add(SortBuffer buffer, long hash, long row, String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    assertThat(buffer.add(hash, row, false, bytes, 0, bytes.length, bytes, 0, 0, 0)).isTrue();
  }
}
