package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What stands in the database {@code info}; see {@link ShardFileFormat}. */
final class InfoDatabase {
  static final String BLOCKS = "blocks";
  static final String BLOCK_ENTRIES = "blockEntries";
  static final String PLAIN_BYTES = "plainBytes";
  static final String STORED_BYTES = "storedBytes";
  static final String DICTIONARY = "dictionary";
  static final String DICTIONARY_CHECKSUM = "dictionaryChecksum";
  static final String INDEX_CHECKSUM = "indexChecksum";
  static final String FILTER_CHECKSUM = "filterChecksum";
  static final String FIRST_KEY = "firstKey";
  static final String LAST_KEY = "lastKey";
  static final String ENTRIES_CHECKSUM = "entriesChecksum";
  private static final String RECORDS = "records";

  private final LmdbImage image;
  private final Map<String, byte[]> said;
  private final ShardFileInfo info;

  private InfoDatabase(LmdbImage image, Map<String, byte[]> said) {
    this.image = image;
    this.said = said;
    this.info = readInfo();
  }

  /** What every file says of itself, as it is stored. */
  static Map<String, byte[]> entries(ShardFileInfo info) {
    ShardFileSpec spec = info.spec();
    Map<String, byte[]> entries = new TreeMap<>();
    entries.put("format", text(info.formatVersion()));
    entries.put("table", text(spec.id().table()));
    entries.put("version", text(spec.id().version()));
    entries.put("shard", text(spec.id().shard()));
    entries.put("shards", text(spec.shards()));
    entries.put("kind", text(spec.kind().word()));
    entries.put("mode", text(spec.mode().word()));
    entries.put("entries", text(info.entries()));
    entries.put("tombstones", text(info.tombstones()));
    entries.put("keyBytes", text(info.keyBytes()));
    entries.put("valueBytes", text(info.valueBytes()));
    info.entriesChecksum()
        .ifPresent(sum -> entries.put(ENTRIES_CHECKSUM, text(HexFormat.of().toHexDigits(sum))));
    return entries;
  }

  /**
   * Reads it from a file.
   *
   * @throws FeatureKvException CORRUPT when something is missing or cannot be
   */
  static InfoDatabase read(LmdbImage image) {
    Map<String, byte[]> said = new TreeMap<>();
    LmdbCursor cursor = new LmdbCursor(image.namedTree(ShardFileFormat.INFO));
    for (boolean has = cursor.first(); has; has = cursor.next()) {
      long node = cursor.node();
      byte[] key = bytes(image, image.keyOffset(node), image.keyLength(node));
      said.put(
          new String(key, StandardCharsets.UTF_8),
          bytes(image, image.dataOffset(node), image.dataLength(node)));
    }
    try {
      return new InfoDatabase(image, said);
    } catch (FeatureKvException e) {
      if (e.code() == ErrorCode.CORRUPT) {
        throw e;
      }
      throw image.corrupt("its info record: " + e.getMessage());
    }
  }

  private static byte[] bytes(LmdbImage image, long offset, int length) {
    return image.map().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private ShardFileInfo readInfo() {
    ShardFileSpec spec =
        new ShardFileSpec(
            new ShardFileId(string("table"), number("version"), (int) number("shard")),
            (int) number("shards"),
            TableKind.ofWord(string("kind")),
            UpdateMode.ofWord(string("mode")));
    return new ShardFileInfo(
        (int) number("format"),
        spec,
        number("entries"),
        number("tombstones"),
        number("keyBytes"),
        number("valueBytes"),
        entriesChecksum());
  }

  private OptionalLong entriesChecksum() {
    String digits = textOrEmpty(ENTRIES_CHECKSUM);
    try {
      return digits.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(HexFormat.fromHexDigitsToLong(digits));
    } catch (IllegalArgumentException e) {
      throw image.corrupt("its info record has a bad " + ENTRIES_CHECKSUM + ": " + digits);
    }
  }

  ShardFileInfo info() {
    return info;
  }

  /** Format 1: entries of the database {@code data}. */
  long records() {
    return number(RECORDS);
  }

  /**
   * The zstd dictionary, or null. Blocks decode to something else with another dictionary, so it
   * has a checksum of its own.
   */
  byte @Nullable [] dictionary() {
    byte[] dictionary = said.get(DICTIONARY);
    if (dictionary != null && checksum(dictionary) != number(DICTIONARY_CHECKSUM)) {
      throw image.corrupt(
          "checksum of its dictionary: expected "
              + number(DICTIONARY_CHECKSUM)
              + ", found "
              + checksum(dictionary));
    }
    return dictionary;
  }

  /** A number that only some files have, or 0. */
  long numberOrZero(String key) {
    return said.containsKey(key) ? number(key) : 0;
  }

  /** A text that only some files have, or empty. */
  String textOrEmpty(String key) {
    return said.containsKey(key) ? string(key) : "";
  }

  long number(String key) {
    String text = string(key);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw image.corrupt("its info record has a bad number, " + key + ": " + text);
    }
  }

  private String string(String key) {
    byte[] value = said.get(key);
    if (value == null) {
      throw image.corrupt("no '" + key + "' in its info record");
    }
    return new String(value, StandardCharsets.UTF_8);
  }

  static long checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return checksum.getValue();
  }

  static byte[] text(Object value) {
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }
}
