package io.featurekv.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The entries of a block that is being filled, and its head; see {@link ShardFileFormat}. One
 * thread.
 */
final class BlockEntries {
  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private byte[] keys = new byte[4096];
  private byte[] values = new byte[ShardFileFormat.BLOCK_TARGET_BYTES];
  private int[] keyLengths = new int[ShardBuildOptions.DEFAULT_BLOCK_ENTRIES];
  private int[] words = new int[ShardBuildOptions.DEFAULT_BLOCK_ENTRIES];
  private int[] expiries = new int[ShardBuildOptions.DEFAULT_BLOCK_ENTRIES];
  private int count;
  private int keyBytes;
  private int valueBytes;
  private int commonLength;
  private boolean hasExpiry;
  private boolean isUniform;
  private boolean haveOneKeyLength;

  void add(IncomingEntry entry) {
    reserve(entry.keyLength, entry.valueLength);
    NativeMemory.copy(entry.key, keys, keyBytes, entry.keyLength);
    NativeMemory.copy(entry.value, values, valueBytes, entry.valueLength);
    boolean expires = entry.expirySeconds != ShardWriter.NO_EXPIRY;
    keyLengths[count] = entry.keyLength;
    words[count] =
        entry.valueLength
            | (entry.isTombstone ? MemLayout.FLAG_TOMBSTONE : 0)
            | (expires ? MemLayout.FLAG_EXPIRY : 0);
    expiries[count] = entry.expirySeconds;
    if (count == 0) {
      commonLength = entry.keyLength;
      hasExpiry = expires;
      isUniform = !entry.isTombstone && !expires;
      haveOneKeyLength = true;
    } else {
      int most = Math.min(commonLength, entry.keyLength);
      int different = Arrays.mismatch(keys, 0, most, keys, keyBytes, keyBytes + most);
      commonLength = different < 0 ? most : different;
      hasExpiry |= expires;
      isUniform &= words[count] == words[0];
      haveOneKeyLength &= entry.keyLength == keyLengths[0];
    }
    keyBytes += entry.keyLength;
    valueBytes += entry.valueLength;
    count++;
  }

  private void reserve(int keyLength, int valueLength) {
    if (count == keyLengths.length) {
      keyLengths = Arrays.copyOf(keyLengths, 2 * count);
      words = Arrays.copyOf(words, 2 * count);
      expiries = Arrays.copyOf(expiries, 2 * count);
    }
    if (keyBytes + keyLength > keys.length) {
      keys = Arrays.copyOf(keys, 2 * keys.length);
    }
    if (valueBytes + valueLength > values.length) {
      values = Arrays.copyOf(values, Math.max(2 * values.length, valueBytes + valueLength));
    }
  }

  int count() {
    return count;
  }

  int bytes() {
    return keyBytes + valueBytes;
  }

  byte[] values() {
    return values;
  }

  int valueBytes() {
    return valueBytes;
  }

  int headLength() {
    int lengths = haveOneKeyLength ? 0 : count * Short.BYTES;
    int perEntry = (isUniform ? 0 : Integer.BYTES) + (hasExpiry ? Integer.BYTES : 0);
    return BlockLayout.HEAD_BYTES
        + commonLength
        + lengths
        + (keyBytes - count * commonLength)
        + count * perEntry;
  }

  /** Writes everything between the checksum and the stored values. */
  void writeHead(ByteBuffer out, byte codec, int storedLength) {
    int shape =
        (haveOneKeyLength ? BlockLayout.ONE_KEY_LENGTH : 0)
            | (isUniform ? BlockLayout.ONE_VALUE_LENGTH : 0)
            | (hasExpiry ? BlockLayout.EXPIRIES : 0);
    out.order(ByteOrder.LITTLE_ENDIAN)
        .putInt(storedLength)
        .putInt(valueBytes)
        .putShort((short) count)
        .put(codec)
        .put((byte) shape)
        .putShort((short) commonLength)
        .putShort((short) (haveOneKeyLength ? keyLengths[0] - commonLength : 0));
    out.put(keys, 0, commonLength);
    if (!haveOneKeyLength) {
      for (int i = 0; i < count; i++) {
        out.putShort((short) (keyLengths[i] - commonLength));
      }
    }
    int at = 0;
    for (int i = 0; i < count; i++) {
      out.put(keys, at + commonLength, keyLengths[i] - commonLength);
      at += keyLengths[i];
    }
    for (int i = 0; i < count && !isUniform; i++) {
      out.putInt(words[i]);
    }
    for (int i = 0; i < count && hasExpiry; i++) {
      out.putInt(expiries[i]);
    }
  }

  void clear() {
    count = 0;
    keyBytes = 0;
    valueBytes = 0;
    if (values.length > KEPT_BUFFER_BYTES) {
      values = new byte[ShardFileFormat.BLOCK_TARGET_BYTES];
    }
  }
}
