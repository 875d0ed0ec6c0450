package io.featurekv.bench.data;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Input that comes unsorted: all rows are laid down in memory as they come, parted by the hash of
 * their keys, sorted part by part when they are handed over. It knows nothing of what the keys
 * mean, but that they have 8 bytes: ranks are their first 8 bytes or their hash, equal ranks are
 * settled by the whole key.
 *
 * <p>A row is u16 key length, u16 value length, key, value.
 */
public final class StagedSource implements EntrySource, AutoCloseable {
  private static final int HEADER_BYTES = 2 * Short.BYTES;
  private static final int AHEAD = 64;
  private static final int LINE_BYTES = 64;
  private static final VarHandle FIRST_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final EntrySet entries;
  private final Layout layout;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment rows;
  private final long[] ranks;
  private final short[] parts;
  private final long[] offsets;
  private final int[] counts;
  private int rowCount;

  /** Keeps the compiler from leaving {@link #touch} out. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  private long used;

  /** Room for the entries of a set, which {@link #append} brings in any order. */
  public StagedSource(EntrySet entries, Layout layout) {
    this.entries = entries;
    this.layout = layout;
    this.ranks = new long[entries.count()];
    this.parts = new short[entries.count()];
    this.offsets = new long[entries.count()];
    this.counts = new int[layout.parts()];
    int rowBytes = HEADER_BYTES + StandardKeys.KEY_BYTES + ValueShape.MEAN_BYTES + 2;
    this.rows = arena.allocate((long) entries.count() * rowBytes + (1 << 20));
  }

  /** All entries of a plain set, laid down in their order. */
  public static StagedSource of(EntrySet entries, Layout layout) {
    StagedSource staged = new StagedSource(entries, layout);
    byte[] key = new byte[StandardKeys.KEY_BYTES];
    byte[] value = new byte[ValueShape.MAX_BYTES];
    for (int entry = 0; entry < entries.count(); entry++) {
      long id = StandardKeys.id(entry);
      StandardKeys.write(id, key);
      staged.append(key, key.length, value, entries.writeValue(id, value));
    }
    return staged;
  }

  /** Lays down one entry; there is room for those of the set. */
  public void append(byte[] key, int keyLength, byte[] value, int valueLength) {
    long hash = KeyHash.of(key, 0, keyLength);
    ranks[rowCount] = layout.order() == EntryOrder.BY_KEY ? (long) FIRST_BYTES.get(key, 0) : hash;
    parts[rowCount] = (short) layout.part(hash);
    offsets[rowCount] = used;
    counts[parts[rowCount]]++;
    rowCount++;
    rows.set(ValueLayout.JAVA_SHORT_UNALIGNED, used, (short) keyLength);
    rows.set(ValueLayout.JAVA_SHORT_UNALIGNED, used + Short.BYTES, (short) valueLength);
    used += HEADER_BYTES;
    MemorySegment.copy(key, 0, rows, ValueLayout.JAVA_BYTE, used, keyLength);
    used += keyLength;
    MemorySegment.copy(value, 0, rows, ValueLayout.JAVA_BYTE, used, valueLength);
    used += valueLength;
  }

  @Override
  public int count(int part) {
    return counts[part];
  }

  @Override
  public void feed(int part, EntrySink sink) {
    long[] chosen = new long[counts[part]];
    long[] chosenRanks = new long[counts[part]];
    int count = 0;
    for (int row = 0; row < rowCount; row++) {
      if (parts[row] == part) {
        chosenRanks[count] = ranks[row];
        chosen[count++] = offsets[row];
      }
    }
    if (layout.order() != null) {
      RadixSort.sort(chosenRanks, chosen, count);
      settleTies(chosenRanks, chosen, count);
    }
    handOver(chosen, sink);
  }

  private void handOver(long[] chosen, EntrySink sink) {
    byte[] key = new byte[StandardKeys.KEY_BYTES];
    byte[] value = new byte[ValueShape.MAX_BYTES];
    for (int place = 0; place < chosen.length; place++) {
      if (place % AHEAD == 0) {
        touch(chosen, place, Math.min(chosen.length, place + AHEAD));
      }
      long offset = chosen[place];
      int keyLength = keyLength(offset);
      int valueLength = rows.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + Short.BYTES);
      long at = offset + HEADER_BYTES;
      MemorySegment.copy(rows, ValueLayout.JAVA_BYTE, at, key, 0, keyLength);
      MemorySegment.copy(rows, ValueLayout.JAVA_BYTE, at + keyLength, value, 0, valueLength);
      sink.put(key, keyLength, value, valueLength);
    }
  }

  /** Rows lie anywhere: fetching many at a time lets the processor wait for them together. */
  private void touch(long[] chosen, int from, int to) {
    int sum = 0;
    for (int place = from; place < to; place++) {
      sum += rows.get(ValueLayout.JAVA_BYTE, chosen[place]);
      sum += rows.get(ValueLayout.JAVA_BYTE, chosen[place] + LINE_BYTES);
    }
    touched = sum;
  }

  private int keyLength(long offset) {
    return rows.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset);
  }

  private byte[] key(long offset) {
    return rows.asSlice(offset + HEADER_BYTES, keyLength(offset)).toArray(ValueLayout.JAVA_BYTE);
  }

  private void settleTies(long[] chosenRanks, long[] chosen, int count) {
    for (int i = 1; i < count; i++) {
      int at = i;
      while (at > 0
          && chosenRanks[at - 1] == chosenRanks[at]
          && Arrays.compareUnsigned(key(chosen[at - 1]), key(chosen[at])) > 0) {
        long swap = chosen[at];
        chosen[at] = chosen[at - 1];
        chosen[at - 1] = swap;
        at--;
      }
    }
  }

  @Override
  public List<byte[]> neighbourSamples(int neighbours, int totalBytes) {
    return entries.neighbourSamples(neighbours, totalBytes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
