package io.featurekv.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyHashTest {
  /** The bytes over which the reference implementation of XXH3 publishes its check values. */
  private static byte[] referenceBytes(int length) {
    byte[] bytes = new byte[length];
    long generator = 2654435761L;
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (generator >>> 56);
      generator *= 0x9E3779B185EBCA8DL;
    }
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2D06800538D394C2",
    "1, C44BDFF4074EECDB",
    "6, 27B56A84CD2D7325",
    "12, A713DAF0DFBB77E7",
    "24, A3FE70BF9D3510EB",
    "48, 397DA259ECBA1F11",
    "80, BCDEFBBB2C47C90A",
    "195, CD94217EE362EC3A",
    "403, CDEB804D65C6DEA4",
    "512, 617E49599013CB6B",
    "2048, DD59E2C3A5F038E0",
    "2240, 6E73A90539CF2948",
    "2367, CB37AEB9E5D361ED"
  })
  void isXxh3WithSeedZero(int length, String hash) {
    assertThat(KeyHash.of(referenceBytes(length))).isEqualTo(Long.parseUnsignedLong(hash, 16));
  }

  @Test
  void hashesAPartOfAnArrayLikeTheWhole() {
    byte[] bytes = referenceBytes(300);
    byte[] part = Arrays.copyOfRange(bytes, 17, 217);
    assertThat(KeyHash.of(bytes, 17, 200)).isEqualTo(KeyHash.of(part));
  }

  @Test
  void everyShardIsInRangeAndGetsItsShare() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int shards : new int[] {1, 2, 3, 8, 1000, Limits.MAX_SHARDS}) {
      int[] counts = new int[shards];
      for (int i = 0; i < 100 * shards; i++) {
        counts[KeyHash.shardOf(random.nextLong(), shards)]++;
      }
      assertThat(counts).doesNotContain(0);
    }
    assertThat(KeyHash.shardOf(-1L, Limits.MAX_SHARDS)).isEqualTo(Limits.MAX_SHARDS - 1);
    assertThat(KeyHash.shardOf(0xFFFFFFFF00000000L, 8)).isZero();
  }
}
