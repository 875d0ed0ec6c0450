package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.GeneratedEntries;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardSetTest {
  private static final long VERSION = 3;

  private static boolean isValue(int valueBytes, long entry, byte[] value) {
    ByteBuffer buffer = ByteBuffer.allocate(value.length + 5).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(5, value);
    return new StandardSet(valueBytes).isValue(entry, VERSION, buffer, 5, value.length);
  }

  private static byte[] value(int valueBytes, long entry) {
    return GeneratedEntries.parse("generate:9?valueBytes=" + valueBytes + "&version=" + VERSION)
        .value(entry);
  }

  @Test
  void writesTheKeysOfTheDataSet() {
    byte[] key = new byte[StandardSet.KEY_BYTES];
    for (long entry = 0; entry < 1000; entry++) {
      StandardSet.writeKey(entry, key);
      assertThat(key).isEqualTo(GeneratedEntries.keyBytes(entry));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 16, 100, 103})
  void knowsTheValuesOfTheDataSet(int valueBytes) {
    assertThat(isValue(valueBytes, 8, value(valueBytes, 8))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 100, 103})
  void putsTheValuesOfTheDataSet(int valueBytes) {
    ByteBuffer buffer = ByteBuffer.allocate(valueBytes).order(ByteOrder.LITTLE_ENDIAN);
    new StandardSet(valueBytes).putValue(8, VERSION, buffer);
    assertThat(buffer.array()).isEqualTo(value(valueBytes, 8));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 100})
  void everyByteCounts(int valueBytes) {
    for (int at = 0; at < valueBytes; at++) {
      byte[] value = value(valueBytes, 8);
      value[at] ^= 1;
      assertThat(isValue(valueBytes, 8, value)).isFalse();
    }
  }

  @Test
  void anotherLengthOrVersionIsAnotherValue() {
    assertThat(isValue(100, 8, value(99, 8))).isFalse();
    ByteBuffer buffer = ByteBuffer.wrap(value(100, 8)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new StandardSet(100).isValue(8, VERSION + 1, buffer, 0, 100)).isFalse();
  }
}
