package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyBatchTest {
  @Test
  void hashesAsTheModelDoesOnTheHeapAndOutside() {
    Random random = TestShards.seeded();
    byte[] bytes = TestShards.random(random, 2000);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment outside = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      KeyBatch batch = new KeyBatch(500);
      for (MemorySegment segment : List.of(outside, MemorySegment.ofArray(bytes))) {
        batch.reset(segment);
        for (int length = 1; length <= 500; length++) {
          batch.add(length, length);
          assertThat(batch.hash(length - 1)).isEqualTo(KeyHash.of(bytes, length, length));
        }
        assertThat(batch.count()).isEqualTo(500);
      }
    }
  }

  @Test
  void refusesKeysThatCannotBe() {
    KeyBatch batch = new KeyBatch(1);
    batch.reset(MemorySegment.ofArray(new byte[600]));
    assertThatThrownBy(() -> batch.add(0, 0)).isInstanceOf(FeatureKvException.class);
    assertThatThrownBy(() -> batch.add(0, 501)).isInstanceOf(FeatureKvException.class);
    assertThatThrownBy(() -> batch.add(599, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    batch.add(0, 500);
    assertThatThrownBy(() -> batch.add(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
