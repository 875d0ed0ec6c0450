package io.featurekv.loader.sort;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.ShardWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A record's bytes, in memory and in runs: {@code u16 shard | u16 keyLength, and in its highest bit
 * whether an expiry follows | i32 valueLength (-1: a deletion) | i64 location | [u32 expirySeconds]
 * | key | value}, little-endian.
 */
final class RecordLayout {
  /** Most bytes before the key. */
  static final int MAX_HEADER_BYTES = 20;

  static final int DELETED = -1;

  private static final int SHORT_HEADER_BYTES = 16;
  private static final int HAS_EXPIRY = 0x8000;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle BIG_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private RecordLayout() {}

  /** Bytes before the key of a record with this expiry, 0 for none. */
  static int headerBytes(int expirySeconds) {
    return expirySeconds == ShardWriter.NO_EXPIRY ? SHORT_HEADER_BYTES : MAX_HEADER_BYTES;
  }

  /** Bytes before the key of the record that begins at {@code at}. */
  static int headerBytes(byte[] bytes, int at) {
    return hasExpiry(bytes, at) ? MAX_HEADER_BYTES : SHORT_HEADER_BYTES;
  }

  static void putHeader(
      byte[] bytes,
      int at,
      int shard,
      int keyLength,
      int valueLength,
      long location,
      int expirySeconds) {
    boolean expires = expirySeconds != ShardWriter.NO_EXPIRY;
    SHORT.set(bytes, at, (short) shard);
    SHORT.set(bytes, at + 2, (short) (expires ? keyLength | HAS_EXPIRY : keyLength));
    INT.set(bytes, at + 4, valueLength);
    LONG.set(bytes, at + 8, location);
    if (expires) {
      INT.set(bytes, at + SHORT_HEADER_BYTES, expirySeconds);
    }
  }

  private static boolean hasExpiry(byte[] bytes, int at) {
    return ((short) SHORT.get(bytes, at + 2) & HAS_EXPIRY) != 0;
  }

  /** As in {@link ShardWriter#put}. */
  static int expirySeconds(byte[] bytes, int at) {
    return hasExpiry(bytes, at)
        ? (int) INT.get(bytes, at + SHORT_HEADER_BYTES)
        : ShardWriter.NO_EXPIRY;
  }

  static int shard(byte[] bytes, int at) {
    return Short.toUnsignedInt((short) SHORT.get(bytes, at));
  }

  static int keyLength(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at + 2) & ~HAS_EXPIRY & 0xFFFF;
  }

  /** {@link #DELETED} or how long the value is. */
  static int valueLength(byte[] bytes, int at) {
    return (int) INT.get(bytes, at + 4);
  }

  static long location(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at + 8);
  }

  /**
   * What comes before the key in the order, as a long whose signed order is that: the hash of the
   * key, or its first 8 bytes.
   */
  static long prefix(EntryOrder order, long hash, byte[] bytes, int at, int keyLength) {
    return switch (order) {
      case BY_HASH -> hash ^ Long.MIN_VALUE;
      case BY_KEY -> keyPrefix(bytes, at, keyLength);
    };
  }

  /**
   * The same for a key in a run. Runs do not keep the hash: to compute it again is quicker than to
   * write it and to read it.
   */
  static long prefix(EntryOrder order, byte[] key, int keyLength) {
    long hash = order == EntryOrder.BY_HASH ? KeyHash.of(key, 0, keyLength) : 0;
    return prefix(order, hash, key, 0, keyLength);
  }

  /** The first 8 bytes of a key, zeros behind its end, as a long whose signed order is theirs. */
  private static long keyPrefix(byte[] bytes, int at, int keyLength) {
    long prefix;
    if (keyLength >= Long.BYTES) {
      prefix = (long) BIG_ENDIAN_LONG.get(bytes, at);
    } else {
      prefix = 0;
      for (int i = 0; i < keyLength; i++) {
        prefix |= (bytes[at + i] & 0xFFL) << (56 - 8 * i);
      }
    }
    return prefix ^ Long.MIN_VALUE;
  }
}
