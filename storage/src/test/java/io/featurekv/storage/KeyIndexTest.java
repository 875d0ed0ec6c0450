package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyIndexTest {
  private static final int UNIT_BITS = 12;

  @TempDir Path directory;

  /** Prefixes of these lengths before up to four random bytes, all of few values. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 20, 300})
  void leadsToThePageWhoseFirstKeyIsTheLastNotGreater(int prefixLength) {
    Random random = TestShards.seeded();
    TreeSet<byte[]> set = new TreeSet<>(Arrays::compareUnsigned);
    for (int i = 0; i < 3000; i++) {
      byte[] prefix = new byte[prefixLength + random.nextInt(2) * 11];
      Arrays.fill(prefix, (byte) random.nextInt(3));
      byte[] key = Arrays.copyOf(prefix, prefix.length + 1 + random.nextInt(4));
      for (int at = prefix.length; at < key.length; at++) {
        key[at] = (byte) (random.nextBoolean() ? 0 : random.nextInt(256));
      }
      set.add(key);
    }
    List<byte[]> keys = List.copyOf(set);
    List<byte[]> firsts = new ArrayList<>();
    try (Blobs blobs = new Blobs(directory)) {
      VirtualMemory memory = write(blobs, keys, firsts, random);
      KeyIndex index =
          KeyIndex.of(
              directory, memory.address(), memory.sizeBytes(), UNIT_BITS, Long.MAX_VALUE >> 20);
      assertThat(index.count()).isEqualTo(firsts.size());
      assertThat(NativeMemory.getLong(memory.address() + 16)).as("tied").isPositive();
      for (byte[] key : keys) {
        assertRank(index, firsts, key);
      }
    }
  }

  /** For a key that is there both searches know its page. */
  private static void assertRank(KeyIndex index, List<byte[]> firsts, byte[] key) {
    int place = Collections.binarySearch(firsts, key, Arrays::compareUnsigned);
    int expected = place >= 0 ? place : Math.max(0, -place - 2);
    try (VirtualMemory memory = VirtualMemory.allocate(key.length)) {
      long address = memory.address();
      NativeMemory.copy(key, 0, address, key.length);
      assertThat(index.floor(address, key.length)).as(Arrays.toString(key)).isEqualTo(expected);
      assertThat(index.place(expected)).isEqualTo((long) (expected + 2) << UNIT_BITS);
      assertThat(index.hasCommonStart(address, key.length)).isTrue();
      long prefix = index.prefixOf(address, key.length);
      long rank = 0;
      while (rank + 1 < index.count()
          && NativeMemory.getLong(index.prefixes() + (rank + 1) * Long.BYTES) <= prefix) {
        rank++;
      }
      assertThat(index.settle(rank, prefix, address, key.length)).isEqualTo(expected);
    }
  }

  private static VirtualMemory write(
      Blobs blobs, List<byte[]> keys, List<byte[]> firsts, Random random) {
    return blobs.read(
        blob -> {
          try (KeyIndexWriter writer = new KeyIndexWriter();
              VirtualMemory memory = VirtualMemory.allocate(2L * Limits.MAX_KEY_BYTES)) {
            long address = memory.address();
            long last = address + Limits.MAX_KEY_BYTES;
            int lastLength = 0;
            for (byte[] key : keys) {
              NativeMemory.copy(key, 0, address, key.length);
              writer.key(address, key.length);
              if (firsts.isEmpty() || random.nextInt(3) == 0) {
                byte[] separator =
                    firsts.isEmpty()
                        ? new byte[0]
                        : KeyIndexWriter.separator(last, lastLength, address, key.length);
                writer.add(separator, firsts.size() + 2);
                firsts.add(key);
              }
              NativeMemory.copy(key, 0, last, key.length);
              lastLength = key.length;
            }
            writer.write(blob, UNIT_BITS, firsts.size() + 2);
          }
        });
  }

  @Test
  void keyBetweenTwoPagesLeadsToTheFirstOfThem() {
    List<byte[]> firsts = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      keys.add(TestShards.bytes("a prefix that all have %04d".formatted(2 * i)));
    }
    try (Blobs blobs = new Blobs(directory)) {
      VirtualMemory memory = write(blobs, keys, firsts, TestShards.seeded());
      KeyIndex index =
          KeyIndex.of(
              directory, memory.address(), memory.sizeBytes(), UNIT_BITS, Long.MAX_VALUE >> 20);
      try (VirtualMemory key = VirtualMemory.allocate(100)) {
        assertThat(floor(index, key, "a")).isZero();
        assertThat(floor(index, key, "\u0000")).isZero();
        assertThat(floor(index, key, "b")).isEqualTo(firsts.size() - 1);
        assertThat(floor(index, key, "a prefix that all have 0998 and more")).isGreaterThan(0);
      }
    }
  }

  private static long floor(KeyIndex index, VirtualMemory memory, String key) {
    byte[] bytes = TestShards.bytes(key);
    NativeMemory.copy(bytes, 0, memory.address(), bytes.length);
    return index.floor(memory.address(), bytes.length);
  }

  @Test
  void refusesAnIndexThatLeadsOutsideOrDoesNotFit() {
    List<byte[]> firsts = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      keys.add(TestShards.bytes("key %04d with some tail".formatted(i)));
    }
    try (Blobs blobs = new Blobs(directory)) {
      VirtualMemory memory = write(blobs, keys, firsts, TestShards.seeded());
      long address = memory.address();
      long size = memory.sizeBytes();
      long fileLength = (long) (firsts.size() + 3) << UNIT_BITS;
      assertThat(KeyIndex.of(directory, address, size, UNIT_BITS, fileLength).count()).isPositive();
      assertRefused(address, size - 1, fileLength);
      assertRefused(address, size, fileLength - (2L << UNIT_BITS));
      assertRefused(address, 63, fileLength);
      for (long count : new long[] {-1, Long.MAX_VALUE, firsts.size() + 1, 1L << 40}) {
        NativeMemory.putLong(address, count);
        assertRefused(address, size, fileLength);
      }
      NativeMemory.putLong(address, firsts.size());
      NativeMemory.putInt(address + 8, 501);
      assertRefused(address, size, fileLength);
    }
  }

  private void assertRefused(long address, long size, long fileLength) {
    assertThatThrownBy(() -> KeyIndex.of(directory, address, size, UNIT_BITS, fileLength))
        .isInstanceOf(FeatureKvException.class);
  }
}
