package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the separators between leaf pages or blocks, and writes them as {@link KeyIndex}
 * describes. One thread.
 */
final class KeyIndexWriter implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 20;

  private final List<VirtualMemory> chunks = new ArrayList<>();
  private final GrowingLongs separators = new GrowingLongs();
  private final GrowingLongs places = new GrowingLongs();
  private int chunkFill = CHUNK_BYTES;
  private final VirtualMemory first = VirtualMemory.allocate(Limits.MAX_KEY_BYTES);
  private int commonLength = -1;

  /** Takes a key; all keys count for what they have in common. */
  void key(long key, int length) {
    if (commonLength < 0) {
      NativeMemory.copy(key, first.address(), length);
      commonLength = length;
    } else if (commonLength > 0) {
      commonLength =
          NativeMemory.commonLength(first.address(), key, Math.min(commonLength, length));
    }
  }

  /**
   * Takes the next page or block.
   *
   * @param separator not greater than its first key, greater than the last key before it; empty for
   *     the first
   * @param place where it is, in units that fit u32
   * @throws FeatureKvException TOO_LARGE where they do not
   */
  void add(byte[] separator, long place) {
    checkFits(place, "its pages or blocks");
    if (chunkFill + Short.BYTES + separator.length > CHUNK_BYTES) {
      chunks.add(VirtualMemory.allocate(CHUNK_BYTES));
      chunkFill = 0;
    }
    long at = chunks.getLast().address() + chunkFill;
    NativeMemory.putShort(at, (short) separator.length);
    NativeMemory.copy(separator, 0, at + Short.BYTES, separator.length);
    chunkFill += Short.BYTES + separator.length;
    separators.add(at);
    places.add(place);
  }

  /** The start of a key that is greater than everything up to another key: as short as can be. */
  static byte[] separator(long last, int lastLength, long key, int keyLength) {
    int common = NativeMemory.commonLength(last, key, Math.min(lastLength, keyLength));
    byte[] separator = new byte[common + 1];
    NativeMemory.copy(key, separator, 0, separator.length);
    return separator;
  }

  /** Writes the index; {@code end} is the place behind the last page or block. */
  void write(BlobWriter to, int unitBits, long end) {
    int common = Math.max(0, commonLength);
    long count = separators.size();
    List<Integer> tied = new ArrayList<>();
    long tiedBytes = 0;
    for (long rank = 1; rank < count; rank++) {
      if (!isExact(rank, common)) {
        tied.add((int) rank);
        tiedBytes += length(rank) - common;
      }
    }
    checkFits(end, "its pages or blocks");
    checkFits(tiedBytes, "the ends of its separators");
    ByteBuffer head =
        ByteBuffer.allocate(KeyIndex.HEADER_BYTES + KeyIndex.COMMON_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(count).putInt(common).putInt(unitBits).putLong(tied.size()).putLong(tiedBytes);
    NativeMemory.copy(first.address(), head.array(), KeyIndex.HEADER_BYTES, common);
    to.write(head.array(), 0, head.capacity());
    for (long rank = 0; rank < count; rank++) {
      to.writeLong(rank == 0 ? Long.MIN_VALUE : prefix(rank, common));
    }
    for (long rank = 0; rank < count; rank++) {
      to.writeInt((int) places.get(rank));
    }
    to.writeInt((int) end);
    writeTied(to, tied, common);
  }

  private static void checkFits(long number, String what) {
    if (number >>> Integer.SIZE != 0) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a shard file has grown too large for the index of " + what + ": use more shards");
    }
  }

  private void writeTied(BlobWriter to, List<Integer> tied, int common) {
    for (int rank : tied) {
      to.writeInt(rank);
    }
    int offset = 0;
    for (int rank : tied) {
      to.writeInt(offset);
      offset += length(rank) - common;
    }
    to.writeInt(offset);
    for (int rank : tied) {
      to.write(separators.get(rank) + Short.BYTES + common, length(rank) - common);
    }
  }

  /** Whether eight bytes say all of a separator that lies behind the common start. */
  private boolean isExact(long rank, int common) {
    int length = length(rank) - common;
    return length <= Long.BYTES
        && NativeMemory.getByte(separators.get(rank) + Short.BYTES + common + length - 1) != 0;
  }

  private long prefix(long rank, int common) {
    return NativeMemory.prefix(separators.get(rank) + Short.BYTES + common, length(rank) - common);
  }

  private int length(long rank) {
    return NativeMemory.getU16(separators.get(rank));
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    chunks.forEach(VirtualMemory::close);
    separators.close();
    places.close();
    first.close();
  }
}
