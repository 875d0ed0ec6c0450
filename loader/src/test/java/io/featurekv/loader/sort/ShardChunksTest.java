package io.featurekv.loader.sort;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardChunksTest {
  private static final int SHARDS = 7;
  private static final long MEMORY_BYTES = 1 << 20;
  private static final int CHUNK_BYTES = (int) (MEMORY_BYTES / (SHARDS * 16));

  /** Lengths of records, by their number and by chance. */
  enum Lengths {
    SHORT {
      @Override
      int of(int i, Random random) {
        return 4 + random.nextInt(200);
      }
    },
    SHORT_AND_SOME_LONG {
      @Override
      int of(int i, Random random) {
        return random.nextInt(100) == 0 ? 50_000 : SHORT.of(i, random);
      }
    },
    BEYOND_HALF_A_CHUNK {
      @Override
      int of(int i, Random random) {
        return CHUNK_BYTES / 2 + 1;
      }
    },
    BEYOND_A_THIRD_OF_A_CHUNK {
      @Override
      int of(int i, Random random) {
        return CHUNK_BYTES / 3 + 1;
      }
    },
    SHORT_AND_LONG_IN_TURNS {
      @Override
      int of(int i, Random random) {
        return i / SHARDS % 2 == 0 ? 10 : CHUNK_BYTES;
      }
    },
    ANY {
      @Override
      int of(int i, Random random) {
        return 1 + (random.nextInt(CHUNK_BYTES) >> random.nextInt(12));
      }
    };

    abstract int of(int i, Random random);
  }

  @ParameterizedTest
  @EnumSource
  void placesDoNotOverlapAndThoseOfAShardLieInTheOrderTheyWereTaken(Lengths lengthOf) {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ShardChunks chunks = new ShardChunks(SHARDS, MEMORY_BYTES);
    TreeMap<Long, Long> lengths = new TreeMap<>();
    long[] last = new long[SHARDS];
    long bytes = 0;
    for (int i = 0; chunks.takenBytes() < MEMORY_BYTES; i++) {
      int shard = i % SHARDS;
      long length = lengthOf.of(i, random);
      long expected = chunks.takenBytes() + chunks.growth(shard, length);
      long place = chunks.take(shard, length);
      assertThat(chunks.takenBytes()).isEqualTo(expected);
      assertThat(place).isGreaterThanOrEqualTo(last[shard]);
      last[shard] = place + length;
      lengths.put(place, length);
      bytes += length;
    }
    long end = 0;
    for (Map.Entry<Long, Long> entry : lengths.entrySet()) {
      assertThat(entry.getKey()).isGreaterThanOrEqualTo(end);
      end = entry.getKey() + entry.getValue();
    }
    assertThat(end).isLessThanOrEqualTo(chunks.takenBytes());
    assertThat(bytes + bytes / 8 + (long) SHARDS * CHUNK_BYTES)
        .as("with what may be lost of %d bytes, seed %d", bytes, seed)
        .isGreaterThanOrEqualTo(chunks.takenBytes());
  }

  @Test
  void recordsOfAShardLieTogether() {
    ShardChunks chunks = new ShardChunks(2, MEMORY_BYTES);
    long first = chunks.take(0, 100);
    chunks.take(1, 100);
    assertThat(chunks.take(0, 100)).isEqualTo(first + 100);
  }

  @Test
  void recordsThatComeAfterLongOnesLieTogetherAgain() {
    ShardChunks chunks = new ShardChunks(SHARDS, MEMORY_BYTES);
    for (int i = 0; i < 20; i++) {
      chunks.take(0, CHUNK_BYTES / 2 + 1);
    }
    int apart = 0;
    long last = chunks.take(0, 100);
    for (int i = 0; i < 10_000; i++) {
      chunks.take(1, 100);
      long place = chunks.take(0, 100);
      apart += place == last + 100 ? 0 : 1;
      last = place;
    }
    assertThat(apart).as("records of 100 bytes").isLessThan(1000);
  }

  @Test
  void takesAllPlacesBack() {
    ShardChunks chunks = new ShardChunks(SHARDS, MEMORY_BYTES);
    for (int i = 0; i < 3; i++) {
      chunks.take(1, CHUNK_BYTES / 2 + 1);
    }
    chunks.clear();
    assertThat(chunks.takenBytes()).isZero();
    assertThat(chunks.take(1, 100)).isZero();
    assertThat(chunks.takenBytes()).as("a chunk, as at first").isEqualTo(CHUNK_BYTES);
  }
}
