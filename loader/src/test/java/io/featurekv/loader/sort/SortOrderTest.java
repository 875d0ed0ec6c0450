package io.featurekv.loader.sort;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.row.ByteSink;
import io.featurekv.storage.EntryOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        public void dropped(long location) {}
      };

  @TempDir Path home;

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
    try (ExternalSort sort = sort(order)) {
      for (int row = 0; row < 100; row++) {
        add(sort, 7, row, "k" + row % 3);
      }
      sort.finish(1);
      assertThat(sort.records(0)).isEqualTo(3);
      RecordCursor cursor = sort.cursor(0);
      for (long expected : List.of(99L, 97L, 98L)) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.location()).isEqualTo(expected);
      }
    }
  }

  private List<String> sorted(EntryOrder order, List<Long> hashes) {
    try (ExternalSort sort = sort(order)) {
      for (int i = 0; i < hashes.size(); i++) {
        add(sort, hashes.get(i), i, "k" + i);
      }
      sort.finish(1);
      List<String> keys = new ArrayList<>();
      RecordCursor cursor = sort.cursor(0);
      while (cursor.next()) {
        keys.add(
            new String(
                cursor.keyArray(), cursor.keyOffset(), cursor.keyLength(), StandardCharsets.UTF_8));
      }
      return keys;
    }
  }

  private ExternalSort sort(EntryOrder order) {
    return new ExternalSort(home.resolve("runs"), order, 1, ExternalSort.MIN_MEMORY_BYTES, LAST);
  }

  private static void add(ExternalSort sort, long hash, long location, String key) {
    ByteSink sink = new ByteSink();
    sink.putAscii(key);
    sort.add(hash, location, false, sink, new ByteSink(), 0);
  }
}
