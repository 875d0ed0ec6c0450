package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyFilterTest {
  private static final int ABSENT = 200_000;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"1,0", "10,10", "1000,0", "1000,1000", "100000,0", "100000,100000", "100000,90000"})
  void passesEveryHashAndFewOthers(int count, long expected) {
    Random random = TestShards.seeded();
    long[] hashes = random.longs(count).toArray();
    try (Blobs blobs = new Blobs(directory)) {
      VirtualMemory memory = write(blobs, hashes, expected);
      assertThat(KeyFilter.lengthAt(memory.address(), memory.sizeBytes()))
          .isEqualTo(memory.sizeBytes());
      KeyFilter filter = new KeyFilter(memory.address());
      for (long hash : hashes) {
        assertThat(KeyFilter.mayContain(filter.block(hash), hash)).isTrue();
      }
      int passed = 0;
      for (int i = 0; i < ABSENT; i++) {
        long hash = random.nextLong();
        passed += KeyFilter.mayContain(filter.block(hash), hash) ? 1 : 0;
      }
      assertThat(passed).isLessThan(ABSENT / 50);
    }
  }

  @Test
  void filterOfNoKeysPassesNothing() {
    Random random = TestShards.seeded();
    try (Blobs blobs = new Blobs(directory)) {
      VirtualMemory memory = write(blobs, new long[0], 0);
      KeyFilter filter = new KeyFilter(memory.address());
      random
          .longs(1000)
          .forEach(hash -> assertThat(KeyFilter.mayContain(filter.block(hash), hash)).isFalse());
    }
  }

  @Test
  void isTheSameWhetherTheCountWasKnownOrNot() {
    long[] hashes = TestShards.seeded().longs(5000).toArray();
    try (Blobs blobs = new Blobs(directory)) {
      VirtualMemory known = write(blobs, hashes, hashes.length);
      VirtualMemory unknown = write(blobs, hashes, 0);
      assertThat(known.segment().mismatch(unknown.segment())).isEqualTo(-1);
    }
  }

  private static VirtualMemory write(Blobs blobs, long[] hashes, long expected) {
    try (KeyFilterWriter writer = new KeyFilterWriter(expected)) {
      for (long hash : hashes) {
        writer.add(hash);
      }
      return blobs.read(writer::write);
    }
  }

  @Test
  void lengthIsKnownOnlyWhereTheHeaderCanBe() {
    try (VirtualMemory memory = VirtualMemory.allocate(4096)) {
      for (long blocks : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 127}) {
        NativeMemory.putLong(memory.address(), blocks);
        assertThat(KeyFilter.lengthAt(memory.address(), 4096)).isEqualTo(-1);
      }
      NativeMemory.putLong(memory.address(), 126);
      assertThat(KeyFilter.lengthAt(memory.address(), 4096)).isEqualTo(4096);
      assertThat(KeyFilter.lengthAt(memory.address(), 63)).isEqualTo(-1);
    }
  }
}
