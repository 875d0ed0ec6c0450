package io.featurekv.bench.data;

/**
 * Keys of the standard data set. With {@code mix64(z)} = the finalizer of SplitMix64 of {@code z *
 * 0x9E3779B97F4A7C15}: entry i, from 0, has {@code id = mix64(i + 1)}, and its key is the id as 16
 * lower-case hex digits. Ids ascend as unsigned numbers as their keys do as bytes.
 */
public final class StandardKeys {
  /** Length of every key. */
  public static final int KEY_BYTES = 16;

  /** Entries from here on are nowhere. */
  public static final long FIRST_ABSENT = 1L << 40;

  static final long GAMMA = 0x9E3779B97F4A7C15L;

  private static final byte[] DIGITS = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private StandardKeys() {}

  /** The id of an entry. */
  public static long id(long entry) {
    return mix64(entry + 1);
  }

  /** Writes the key of an id to the first {@value #KEY_BYTES} bytes. */
  public static void write(long id, byte[] target) {
    for (int i = 0; i < KEY_BYTES; i++) {
      target[i] = DIGITS[(int) (id >>> (60 - 4 * i)) & 15];
    }
  }

  /** The first eight digits of a key as a number whose bytes, highest first, are their letters. */
  public static long firstDigits(long id) {
    return digits(id >>> 32);
  }

  /** As {@link #firstDigits}, the last eight. */
  public static long lastDigits(long id) {
    return digits(id & 0xFFFFFFFFL);
  }

  private static long digits(long half) {
    long nibbles = (half | half << 16) & 0x0000FFFF0000FFFFL;
    nibbles = (nibbles | nibbles << 8) & 0x00FF00FF00FF00FFL;
    nibbles = (nibbles | nibbles << 4) & 0x0F0F0F0F0F0F0F0FL;
    long letters = ((nibbles + 0x0606060606060606L) >>> 4) & 0x0101010101010101L;
    return nibbles + 0x3030303030303030L + letters * ('a' - '0' - 10);
  }

  /** The key of an id. */
  public static byte[] key(long id) {
    byte[] key = new byte[KEY_BYTES];
    write(id, key);
    return key;
  }

  static long mix64(long z) {
    long mixed = z * GAMMA;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
