package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PerfectHashTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "10, 10",
    "5000, 5000",
    "20000, 20000",
    "20000, 30000",
    "20000, 12000",
    "20000, 4000",
    "20000, 100",
    "5000, 300000"
  })
  void everyKeyHasASlotOfItsOwnAndFillersMatchNothing(int entries, int expected) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    while (table.size() < entries) {
      table.put(TestShards.random(random, 16), TestShards.random(random, 20));
    }
    Path path = directory.resolve("shard.mdb");
    ShardFileSpec spec = TestShards.spec(TableKind.MEM, UpdateMode.FULL);
    TestShards.build(path, spec, table, ShardBuildOptions.forEntries(expected));
    try (OpenShardFile file = ShardFiles.open(path, spec)) {
      MemImage image = ((MemReader) file.reader()).image();
      assertThat(image.slotEntries()).isPositive();
      if (expected >= entries) {
        assertThat(image.slotEntries()).isEqualTo(entries);
      }
      assertThat(image.slotEntries() + image.heapEntries()).isEqualTo(entries);
      assertSlots(image, table);
    }
  }

  /** Asks the slots as the format describes them, not as the reader does. */
  private static void assertSlots(MemImage image, SortedMap<byte[], byte[]> table) {
    Set<Long> taken = new HashSet<>();
    long groups = image.partitions() * 256;
    for (byte[] key : table.keySet()) {
      long slot = slotOf(image, key, groups);
      if (Arrays.equals(bytes(slot, key.length), key)) {
        assertThat(taken.add(slot)).isTrue();
        assertThat(bytes(slot + key.length, 20)).isEqualTo(table.get(key));
      }
    }
    assertThat((long) taken.size()).isEqualTo(image.slotEntries());
    long slots = 0;
    for (long partition = 0; partition < image.partitions(); partition++) {
      long where = image.directory(partition);
      for (long slot = 0; slot < (where & 0xFFF); slot++) {
        long at = image.slots() + (where >>> 12) + slot * image.stride();
        // A filler is a key that is looked for elsewhere.
        assertThat(slotOf(image, bytes(at, 16), groups) == at).isEqualTo(taken.contains(at));
        slots++;
      }
    }
    assertThat(slots).isGreaterThanOrEqualTo(image.slotEntries());
  }

  private static long slotOf(MemImage image, byte[] key, long groups) {
    long hash = KeyHash.of(key);
    long group = Math.unsignedMultiplyHigh(hash, groups);
    long where = image.directory(group >>> 8);
    return image.slots()
        + (where >>> 12)
        + MemLayout.slot(hash, image.seed(group), where & 0xFFF) * image.stride();
  }

  private static byte[] bytes(long address, int length) {
    return NativeMemory.segment(address, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
