package io.featurekv.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A checksum of one entry: key, value, expiry and whether it is a tombstone. Checksums of entries
 * are added up modulo 2^64, so that the sum does not depend on their order, and differs when an
 * entry is lost, doubled or changed, or when two keys have each other's values.
 *
 * <pre>
 * checksum := m ^ m >>> 32, m = (x ^ x >>> 29) * 0x9E3779B97F4A7C15
 * x        := mix(w(value, 1) ^ (u32 expiry | tombstone << 32), mix(hash, w(key, 2)) ^ S[3])
 * w(b, s)  := wyhash, final version 4, of the bytes with seed s and its usual secret S
 * mix(a,b) := low ^ high half of the product of a and b
 * hash     := the {@link io.featurekv.model.KeyHash} of the key
 * </pre>
 *
 * <p>It stands in sealed files and in the metadata, so it stays as it is (wyhash: Wang Yi, public
 * domain). The key counts twice, by two functions: two keys of one hash have different checksums.
 */
public final class EntryChecksum {
  private static final VarHandle U64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long S0 = 0x2D358DCCAA6C78A5L;
  private static final long S1 = 0x8BB84B93962EACC9L;
  private static final long S2 = 0x4B33A62ED433D4A3L;
  private static final long S3 = 0x4D5A2DA51DE1AA47L;

  /** What wyhash begins with for the seeds 1 and 2. */
  private static final long VALUE_STATE = state(1);

  private static final long KEY_STATE = state(2);
  private static final long LAST_FACTOR = 0x9E3779B97F4A7C15L;
  private static final int ROUND_BYTES = 48;

  private EntryChecksum() {}

  /**
   * The checksum of an entry.
   *
   * @param hash of the key
   * @param expirySeconds as in {@link ShardWriter#put}
   * @param isTombstone whether the key is deleted; the value is empty then
   */
  public static long of(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      int expirySeconds,
      boolean isTombstone) {
    return of(
        hash,
        wyhash(key, keyOffset, keyLength, KEY_STATE),
        wyhash(value, valueOffset, valueLength, VALUE_STATE),
        expirySeconds,
        isTombstone);
  }

  /** The same of a key and a value outside the heap. */
  public static long of(
      long hash,
      long keyAddress,
      int keyLength,
      long valueAddress,
      int valueLength,
      int expirySeconds,
      boolean isTombstone) {
    return of(
        hash,
        wyhash(keyAddress, keyLength, KEY_STATE),
        wyhash(valueAddress, valueLength, VALUE_STATE),
        expirySeconds,
        isTombstone);
  }

  private static long of(
      long hash, long ofKey, long ofValue, int expirySeconds, boolean isTombstone) {
    long rest = (expirySeconds & 0xFFFFFFFFL) | (isTombstone ? 1L << Integer.SIZE : 0);
    long mixed = mix(ofValue ^ rest, mix(hash, ofKey) ^ S3);
    mixed = (mixed ^ mixed >>> 29) * LAST_FACTOR;
    return mixed ^ mixed >>> 32;
  }

  /** What wyhash begins with. */
  static long state(long seed) {
    return seed ^ mix(seed ^ S0, S1);
  }

  /** wyhash, from what {@link #state} gave. */
  static long wyhash(byte[] bytes, int offset, int length, long begin) {
    if (length <= 16) {
      return ofShort(bytes, offset, length, begin);
    }
    int at = offset;
    int left = length;
    long state = begin;
    if (left >= ROUND_BYTES) {
      long second = state;
      long third = state;
      do {
        state = mix(u64(bytes, at) ^ S1, u64(bytes, at + 8) ^ state);
        second = mix(u64(bytes, at + 16) ^ S2, u64(bytes, at + 24) ^ second);
        third = mix(u64(bytes, at + 32) ^ S3, u64(bytes, at + 40) ^ third);
        at += ROUND_BYTES;
        left -= ROUND_BYTES;
      } while (left >= ROUND_BYTES);
      state ^= second ^ third;
    }
    while (left > 16) {
      state = mix(u64(bytes, at) ^ S1, u64(bytes, at + 8) ^ state);
      at += 16;
      left -= 16;
    }
    return finish(u64(bytes, at + left - 16), u64(bytes, at + left - 8), state, length);
  }

  private static long ofShort(byte[] bytes, int at, int length, long state) {
    if (length >= 4) {
      int inner = (length >> 3) << 2;
      int last = at + length - 4;
      return finish(
          u32(bytes, at) << 32 | u32(bytes, at + inner),
          u32(bytes, last) << 32 | u32(bytes, last - inner),
          state,
          length);
    }
    long word =
        length == 0
            ? 0
            : (bytes[at] & 0xFFL) << 16
                | (bytes[at + (length >> 1)] & 0xFFL) << 8
                | (bytes[at + length - 1] & 0xFFL);
    return finish(word, 0, state, length);
  }

  static long wyhash(long address, int length, long begin) {
    if (length <= 16) {
      return ofShort(address, length, begin);
    }
    long at = address;
    int left = length;
    long state = begin;
    if (left >= ROUND_BYTES) {
      long second = state;
      long third = state;
      do {
        state = mix(u64(at) ^ S1, u64(at + 8) ^ state);
        second = mix(u64(at + 16) ^ S2, u64(at + 24) ^ second);
        third = mix(u64(at + 32) ^ S3, u64(at + 40) ^ third);
        at += ROUND_BYTES;
        left -= ROUND_BYTES;
      } while (left >= ROUND_BYTES);
      state ^= second ^ third;
    }
    while (left > 16) {
      state = mix(u64(at) ^ S1, u64(at + 8) ^ state);
      at += 16;
      left -= 16;
    }
    return finish(u64(at + left - 16), u64(at + left - 8), state, length);
  }

  private static long ofShort(long at, int length, long state) {
    if (length >= 4) {
      int inner = (length >> 3) << 2;
      long last = at + length - 4;
      return finish(
          NativeMemory.getU32(at) << 32 | NativeMemory.getU32(at + inner),
          NativeMemory.getU32(last) << 32 | NativeMemory.getU32(last - inner),
          state,
          length);
    }
    long word =
        length == 0
            ? 0
            : (long) NativeMemory.getU8(at) << 16
                | (long) NativeMemory.getU8(at + (length >> 1)) << 8
                | NativeMemory.getU8(at + length - 1);
    return finish(word, 0, state, length);
  }

  private static long finish(long first, long last, long state, int length) {
    long a = first ^ S1;
    long b = last ^ state;
    return mix(a * b ^ S0 ^ length, Math.unsignedMultiplyHigh(a, b) ^ S1);
  }

  private static long mix(long a, long b) {
    return a * b ^ Math.unsignedMultiplyHigh(a, b);
  }

  private static long u64(long address) {
    return NativeMemory.getLong(address);
  }

  private static long u64(byte[] bytes, int at) {
    return (long) U64.get(bytes, at);
  }

  private static long u32(byte[] bytes, int at) {
    return (int) U32.get(bytes, at) & 0xFFFFFFFFL;
  }
}
