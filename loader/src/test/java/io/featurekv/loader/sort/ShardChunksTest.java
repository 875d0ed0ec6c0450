package io.featurekv.loader.sort;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ShardChunksTest {
  private static final int SHARDS = 7;
  private static final long MEMORY_BYTES = 1 << 20;

  @Test
  void placesDoNotOverlapAndThoseOfAShardLieInTheOrderTheyWereTaken() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ShardChunks chunks = new ShardChunks(SHARDS, MEMORY_BYTES);
    TreeMap<Long, Long> lengths = new TreeMap<>();
    long[] last = new long[SHARDS];
    long bytes = 0;
    while (chunks.takenBytes() < MEMORY_BYTES) {
      int shard = random.nextInt(SHARDS);
      long length = random.nextInt(100) == 0 ? 50_000 : 4 + random.nextInt(200);
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
    assertThat(bytes).isGreaterThan(chunks.takenBytes() / 2);
  }

  @Test
  void recordsOfAShardLieTogether() {
    ShardChunks chunks = new ShardChunks(2, MEMORY_BYTES);
    long first = chunks.take(0, 100);
    chunks.take(1, 100);
    assertThat(chunks.take(0, 100)).isEqualTo(first + 100);
  }

  @Test
  void takesAllPlacesBack() {
    ShardChunks chunks = new ShardChunks(2, MEMORY_BYTES);
    chunks.take(1, 100);
    chunks.clear();
    assertThat(chunks.takenBytes()).isZero();
    assertThat(chunks.take(0, 100)).isZero();
  }
}
