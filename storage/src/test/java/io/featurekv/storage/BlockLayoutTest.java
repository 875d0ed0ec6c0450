package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.Limits;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks end where a page begins that must not be touched: a read beyond ends the JVM. */
class BlockLayoutTest {
  private static final int ROOM = 256 << 10;
  private static final int GUARD = 4096;
  private static final int DAMAGES = 60;

  private final VirtualMemory memory = VirtualMemory.allocate(ROOM + GUARD);
  private final VirtualMemory key = VirtualMemory.allocate(2L * Limits.MAX_KEY_BYTES);

  @BeforeEach
  void guard() throws Throwable {
    MethodHandle protect =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("mprotect"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT));
    assertThat((int) protect.invokeExact(memory.address() + ROOM, (long) GUARD, 0)).isZero();
  }

  @AfterEach
  void free() {
    memory.close();
    key.close();
  }

  @Test
  void soundBlockReadsBack() {
    Random random = TestShards.seeded();
    for (int i = 0; i < 300; i++) {
      List<byte[]> keys = new ArrayList<>();
      byte[] bytes = block(random, keys);
      long block = place(bytes);
      assertThat(BlockLayout.check(block, bytes.length)).isPositive();
      assertThat(BlockLayout.count(block)).isEqualTo(keys.size());
      for (int entry = 0; entry < keys.size(); entry++) {
        byte[] expected = keys.get(entry);
        assertThat(BlockLayout.copyKey(block, entry, key.address())).isEqualTo(expected.length);
        assertThat(BlockLayout.find(block, key.address(), expected.length)).isEqualTo(entry);
        assertThat(
                NativeMemory.segment(key.address(), expected.length).toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void damagedBlockIsRefusedOrReadWithinItsBytes() {
    Random random = TestShards.seeded();
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 300; i++) {
      byte[] good = block(random, new ArrayList<>());
      for (int damage = 0; damage < DAMAGES; damage++) {
        byte[] bytes = good.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          int most = random.nextInt(3) == 0 ? bytes.length : Math.min(bytes.length, 24);
          bytes[4 + random.nextInt(most - 4)] ^= (byte) (1 << random.nextInt(8));
        }
        int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : bytes.length;
        boolean isRead = readAll(place(Arrays.copyOf(bytes, length)), length, random);
        read += isRead ? 1 : 0;
        refused += isRead ? 0 : 1;
      }
    }
    assertThat(refused).isPositive();
    assertThat(read).isPositive();
  }

  private boolean readAll(long block, int length, Random random) {
    int head = BlockLayout.check(block, length);
    if (head < 0) {
      return false;
    }
    assertThat(head + BlockLayout.storedLength(block)).isLessThanOrEqualTo(length);
    for (int entry = 0; entry < BlockLayout.count(block); entry++) {
      int keyLength = BlockLayout.copyKey(block, entry, key.address());
      assertThat(keyLength).isBetween(0, Limits.MAX_KEY_BYTES);
      assertThat(BlockLayout.find(block, key.address(), keyLength)).isBetween(0, entry);
      int valueLength = BlockLayout.word(block, head, entry) & MemLayout.LENGTH_MASK;
      BlockLayout.expiry(block, head, entry);
      assertThat(BlockLayout.valueOffset(block, head, entry) + valueLength)
          .isBetween(0L, (long) BlockLayout.plainLength(block));
    }
    byte[] other = TestShards.random(random, 1 + random.nextInt(Limits.MAX_KEY_BYTES));
    NativeMemory.copy(other, 0, key.address(), other.length);
    BlockLayout.find(block, key.address(), other.length);
    return true;
  }

  private long place(byte[] bytes) {
    long block = memory.address() + ROOM - bytes.length;
    NativeMemory.copy(bytes, 0, block, bytes.length);
    return block;
  }

  /** A plain block of one of all shapes. */
  private static byte[] block(Random random, List<byte[]> keys) {
    boolean oneKeyLength = random.nextBoolean();
    boolean oneValueLength = random.nextBoolean();
    byte[] prefix = TestShards.random(random, random.nextInt(40));
    TreeSet<byte[]> set = new TreeSet<>(Arrays::compareUnsigned);
    int count = 1 + random.nextInt(30);
    for (int i = 0; i < count; i++) {
      int length = prefix.length + 1 + (oneKeyLength ? 8 : random.nextInt(100));
      byte[] bytes = TestShards.random(random, length);
      System.arraycopy(prefix, 0, bytes, 0, prefix.length);
      set.add(bytes);
    }
    keys.addAll(set);
    BlockEntries entries = new BlockEntries();
    boolean expires = random.nextInt(3) == 0;
    VirtualMemory memory = VirtualMemory.allocate(Limits.MAX_KEY_BYTES + 64);
    for (byte[] bytes : keys) {
      byte[] value = TestShards.random(random, oneValueLength ? 10 : random.nextInt(50));
      int expiry = expires && random.nextBoolean() ? 1000 : ShardWriter.NO_EXPIRY;
      IncomingEntry entry = new IncomingEntry();
      entry.key = memory.address();
      entry.keyLength = bytes.length;
      entry.expirySeconds = expiry;
      entry.value = memory.address() + bytes.length;
      entry.valueLength = value.length;
      NativeMemory.copy(bytes, 0, entry.key, bytes.length);
      NativeMemory.copy(value, 0, entry.value, value.length);
      entries.add(entry);
    }
    memory.close();
    ByteBuffer out =
        ByteBuffer.allocate(entries.headLength() + entries.valueBytes())
            .order(ByteOrder.LITTLE_ENDIAN)
            .position(Integer.BYTES);
    entries.writeHead(out, ShardFileFormat.CODEC_PLAIN, entries.valueBytes());
    out.put(entries.values(), 0, entries.valueBytes());
    return out.array();
  }
}
