package io.featurekv.loader;

import io.featurekv.loader.row.ByteScan;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalLong;

/**
 * The standard data set, written {@code generate:N?valueBytes=100&version=1}: any tool can compute
 * any entry of it.
 *
 * <p>With {@code mix64(z)} = the finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable
 * pseudorandom number generators", 2014) of {@code z * 0x9E3779B97F4A7C15}: entry i, from 0, has
 * {@code id = mix64(i + 1)}. Its key is the id as 16 lower-case hex digits. Its value is the first
 * {@code valueBytes} bytes of the little-endian words {@code mix64(valueId + j *
 * 0x9E3779B97F4A7C15)}, j = 1, 2, ..., where {@code valueId} is the id, or {@code mix64(id +
 * version)} where a version is given. Keys of entries from {@link #FIRST_ABSENT} on are never
 * loaded.
 *
 * @param entries how many
 * @param valueBytes length of every value
 * @param version makes values differ from those of another version
 */
public record GeneratedEntries(long entries, int valueBytes, OptionalLong version) {
  /** How addresses of this data set begin. */
  public static final String SCHEME = "generate:";

  /** The first entry that stands for a key that is nowhere. */
  public static final long FIRST_ABSENT = 1L << 40;

  /** Length of values unless the address says otherwise. */
  public static final int DEFAULT_VALUE_BYTES = 100;

  /** Length of every key. */
  static final int KEY_BYTES = 2 * Long.BYTES;

  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  public GeneratedEntries {
    if (entries < 0 || entries > FIRST_ABSENT) {
      throw invalid(entries + " generated entries are not in 0.." + FIRST_ABSENT);
    }
    if (valueBytes < 0 || valueBytes > Limits.MAX_VALUE_BYTES) {
      throw invalid("valueBytes=" + valueBytes + " is not in 0.." + Limits.MAX_VALUE_BYTES);
    }
  }

  /** Whether an input is an address of this data set. */
  public static boolean isAddress(String input) {
    return input.startsWith(SCHEME);
  }

  /**
   * Reads an address.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when it is anything else
   */
  public static GeneratedEntries parse(String address) {
    if (!isAddress(address)) {
      throw invalid("'" + address + "' does not begin with " + SCHEME);
    }
    int question = address.indexOf('?');
    String count = address.substring(SCHEME.length(), question < 0 ? address.length() : question);
    long valueBytes = DEFAULT_VALUE_BYTES;
    OptionalLong version = OptionalLong.empty();
    String query = question < 0 ? "" : address.substring(question + 1);
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      String value = part.substring(equals + 1);
      switch (part.substring(0, Math.max(0, equals))) {
        case "valueBytes" -> valueBytes = number(address, value);
        case "version" -> version = OptionalLong.of(number(address, value));
        default -> {
          if (!part.isEmpty()) {
            throw invalid(
                "'" + part + "' in " + address + " is neither valueBytes=N nor version=V");
          }
        }
      }
    }
    int length = (int) Math.min(valueBytes, Integer.MAX_VALUE);
    return new GeneratedEntries(number(address, count), length, version);
  }

  private static long number(String address, String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "'" + digits + "' in " + address + " is not a number", e);
    }
  }

  /** The id of an entry. */
  public static long id(long entry) {
    return mix64(entry + 1);
  }

  /** The key of an entry as text: 16 lower-case hex digits. */
  public static String key(long entry) {
    return HexFormat.of().toHexDigits(id(entry));
  }

  /** The key of an entry. */
  public static byte[] keyBytes(long entry) {
    byte[] key = new byte[KEY_BYTES];
    writeKey(id(entry), key, 0);
    return key;
  }

  /** Writes the key of the entry with an id: {@link #KEY_BYTES} bytes. */
  static void writeKey(long id, byte[] target, int offset) {
    ByteScan.putWord(target, offset, hexDigits((int) (id >>> Integer.SIZE)));
    ByteScan.putWord(target, offset + Long.BYTES, hexDigits((int) id));
  }

  /** The eight hex digits of a number as a little-endian word, the first digit lowest. */
  private static long hexDigits(int number) {
    long spread = Integer.toUnsignedLong(Integer.reverseBytes(number));
    spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFFL;
    spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FFL;
    // Each byte now stands in 16 bits of its own; its high digit comes first.
    long digits = (spread >>> 4 | spread << 8) & 0x0F0F_0F0F_0F0F_0F0FL;
    // Digits from ten on carry into the fifth bit when six is added.
    long letters = (digits + 0x0606_0606_0606_0606L) >>> 4 & 0x0101_0101_0101_0101L;
    return digits + 0x3030_3030_3030_3030L + letters * ('a' - '0' - 10);
  }

  /** The value of an entry. */
  public byte[] value(long entry) {
    byte[] room = new byte[roomBytes()];
    writeValue(id(entry), room, 0);
    return room.length == valueBytes ? room : Arrays.copyOf(room, valueBytes);
  }

  /** What {@link #writeValue} writes: the length of a value in whole words. */
  int roomBytes() {
    return (valueBytes + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  /** Length of a key and a value. */
  long rowBytes() {
    return KEY_BYTES + (long) valueBytes;
  }

  /** Writes the value of the entry with an id, and up to seven bytes more. */
  void writeValue(long id, byte[] target, int offset) {
    long valueId = version.isPresent() ? mix64(id + version.getAsLong()) : id;
    int end = offset + valueBytes;
    for (int at = offset; at < end; at += Long.BYTES) {
      valueId += GAMMA;
      ByteScan.putWord(target, at, mix64(valueId));
    }
  }

  /** SplitMix64's finalizer of {@code z * 0x9E3779B97F4A7C15}. */
  public static long mix64(long z) {
    long mixed = z * GAMMA;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
