package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntryChecksumTest {
  private record Entry(byte[] key, byte[] value, int expirySeconds, boolean isTombstone) {
    long checksum() {
      return checksumAs(KeyHash.of(key));
    }

    long checksumAs(long hash) {
      return EntryChecksum.of(
          hash, key, 0, key.length, value, 0, value.length, expirySeconds, isTombstone);
    }
  }

  private final Random random = TestShards.seeded();

  /** The vectors of wyhash's own source: the seed is the number of the text. */
  @Test
  void isWyhashOfKeyAndValue() {
    String letters = "abcdefghijklmnopqrstuvwxyz";
    String digits = "1234567890";
    List<String> texts =
        List.of(
            "",
            "a",
            "abc",
            "message digest",
            letters,
            letters.toUpperCase(java.util.Locale.ROOT) + letters + "0123456789",
            digits.repeat(8));
    List<Long> expected =
        List.of(
            0x93228A4DE0EEC5A2L,
            0xC5BAC3DB178713C4L,
            0xA97F2F7B1D9B3314L,
            0x786D1F1DF3801DF4L,
            0xDCA5A8138AD37C87L,
            0xB9E734F117CFAF70L,
            0x6CC5EAB49A92D617L);
    for (int i = 0; i < texts.size(); i++) {
      byte[] bytes = TestShards.bytes(texts.get(i));
      assertThat(EntryChecksum.wyhash(bytes, 0, bytes.length, EntryChecksum.state(i)))
          .isEqualTo(expected.get(i));
    }
  }

  /** It stands in files: it never changes. The numbers come from another implementation. */
  @Test
  void staysAsItIs() {
    Entry entry = new Entry(TestShards.bytes("key"), TestShards.bytes("value"), 7, false);
    assertThat(entry.checksumAs(5)).isEqualTo(0x53A54E2D760B6900L);
    assertThat(new Entry(entry.key, new byte[0], 0, true).checksumAs(5))
        .isEqualTo(0xDB32A78FFB1E1F6BL);
  }

  @Test
  void isTheSameWhereverTheBytesLie() {
    try (VirtualMemory memory = VirtualMemory.allocate(4096)) {
      for (int length = 0; length < 300; length++) {
        byte[] bytes = TestShards.random(random, length + 503);
        NativeMemory.copy(bytes, 0, memory.address(), bytes.length);
        int keyLength = 1 + random.nextInt(500);
        int expiry = random.nextInt();
        assertThat(
                EntryChecksum.of(
                    length,
                    memory.address() + 1,
                    keyLength,
                    memory.address() + 3,
                    length,
                    expiry,
                    false))
            .as("value of %d bytes", length)
            .isEqualTo(
                EntryChecksum.of(length, bytes, 1, keyLength, bytes, 3, length, expiry, false));
      }
    }
  }

  @Test
  void sumTellsEveryChangeOfOneEntry() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      entries.add(entry(1 + random.nextInt(40), random.nextInt(i % 10 == 0 ? 500 : 30)));
    }
    long sum = sum(entries);
    Collections.shuffle(entries, random);
    assertThat(sum(entries)).isEqualTo(sum);
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      long others = sum - entry.checksum();
      assertThat(others).as("lost").isNotEqualTo(sum);
      assertThat(sum + entry.checksum()).as("doubled").isNotEqualTo(sum);
      for (Entry changed : changes(entry)) {
        assertThat(others + changed.checksum()).as("%s for %s", changed, entry).isNotEqualTo(sum);
      }
    }
  }

  @Test
  void sumTellsThatTwoKeysHaveEachOthersValues() {
    for (int i = 0; i < 2000; i++) {
      Entry one = entry(1 + random.nextInt(20), random.nextInt(120));
      Entry other = entry(1 + random.nextInt(20), random.nextInt(120));
      if (!Arrays.equals(one.key, other.key) && !Arrays.equals(one.value, other.value)) {
        long swapped =
            new Entry(one.key, other.value, 0, false).checksum()
                + new Entry(other.key, one.value, 0, false).checksum();
        assertThat(swapped).isNotEqualTo(one.checksum() + other.checksum());
      }
    }
  }

  @Test
  void keysOfOneHashDiffer() {
    Entry one = new Entry(TestShards.bytes("one"), TestShards.bytes("value"), 0, false);
    Entry other = new Entry(TestShards.bytes("two"), TestShards.bytes("value"), 0, false);
    assertThat(one.checksumAs(5)).isNotEqualTo(other.checksumAs(5));
  }

  private List<Entry> changes(Entry entry) {
    List<Entry> changes = new ArrayList<>();
    changes.add(new Entry(entry.key, entry.value, entry.expirySeconds + 1, false));
    changes.add(new Entry(entry.key, entry.value, entry.expirySeconds ^ Integer.MIN_VALUE, false));
    changes.add(new Entry(entry.key, entry.value, entry.expirySeconds, true));
    changes.add(new Entry(entry.key, Arrays.copyOf(entry.value, entry.value.length + 1), 0, false));
    changes.add(new Entry(Arrays.copyOf(entry.key, entry.key.length + 1), entry.value, 0, false));
    for (int bit = 0; bit < 8 * entry.value.length; bit++) {
      changes.add(new Entry(entry.key, flipped(entry.value, bit), 0, false));
    }
    for (int bit = 0; bit < 8 * entry.key.length; bit++) {
      changes.add(new Entry(flipped(entry.key, bit), entry.value, 0, false));
    }
    return changes;
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit >>> 3] ^= (byte) (1 << (bit & 7));
    return copy;
  }

  private Entry entry(int keyLength, int valueLength) {
    return new Entry(
        TestShards.random(random, keyLength), TestShards.random(random, valueLength), 0, false);
  }

  private static long sum(List<Entry> entries) {
    return entries.stream().mapToLong(Entry::checksum).sum();
  }
}
