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
