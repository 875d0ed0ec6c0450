package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the database {@code info}; see {@link ShardFileFormat}.
 *
 * @param records entries of the database {@code data}
 * @param dictionary the zstd dictionary, null if blocks use none
 */
record InfoDatabase(ShardFileInfo info, long records, byte @Nullable [] dictionary) {
  private static final String DICTIONARY = "dictionary";
  private static final String DICTIONARY_CHECKSUM = "dictionaryChecksum";

  /** Keys and values as they are stored, in key order. */
  SortedMap<String, byte[]> toEntries() {
    ShardFileSpec spec = info.spec();
    SortedMap<String, byte[]> entries = new TreeMap<>();
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
    entries.put("records", text(records));
    if (dictionary != null) {
      entries.put(DICTIONARY, dictionary);
      entries.put(DICTIONARY_CHECKSUM, text(checksum(dictionary)));
    }
    return entries;
  }

  /**
   * Reads it from a file.
   *
   * @throws FeatureKvException CORRUPT when something is missing or cannot be
   */
  static InfoDatabase read(LmdbImage image) {
    LmdbTree tree = image.namedTree(ShardFileFormat.infoDatabase());
    try {
      ShardFileSpec spec =
          new ShardFileSpec(
              new ShardFileId(
                  string(tree, "table"), number(tree, "version"), (int) number(tree, "shard")),
              (int) number(tree, "shards"),
              TableKind.ofWord(string(tree, "kind")),
              UpdateMode.ofWord(string(tree, "mode")));
      ShardFileInfo info =
          new ShardFileInfo(
              (int) number(tree, "format"),
              spec,
              number(tree, "entries"),
              number(tree, "tombstones"),
              number(tree, "keyBytes"),
              number(tree, "valueBytes"));
      return new InfoDatabase(info, number(tree, "records"), dictionary(tree));
    } catch (NumberFormatException e) {
      throw image.corrupt("its info record has a bad number: " + e.getMessage());
    } catch (FeatureKvException e) {
      if (e.code() == ErrorCode.CORRUPT) {
        throw e;
      }
      throw image.corrupt("its info record: " + e.getMessage());
    }
  }

  /** Blocks decode to something else with another dictionary, so it has a checksum of its own. */
  private static byte @Nullable [] dictionary(LmdbTree tree) {
    byte[] dictionary = find(tree, DICTIONARY);
    if (dictionary != null) {
      long expected = number(tree, DICTIONARY_CHECKSUM);
      if (checksum(dictionary) != expected) {
        throw tree.image()
            .corrupt(
                "checksum of its dictionary: expected "
                    + expected
                    + ", found "
                    + checksum(dictionary));
      }
    }
    return dictionary;
  }

  private static long checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return checksum.getValue();
  }

  private static byte[] text(Object value) {
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static long number(LmdbTree tree, String key) {
    return Long.parseLong(string(tree, key));
  }

  private static String string(LmdbTree tree, String key) {
    byte[] value = find(tree, key);
    if (value == null) {
      throw tree.image().corrupt("no '" + key + "' in its info record");
    }
    return new String(value, StandardCharsets.UTF_8);
  }

  private static byte @Nullable [] find(LmdbTree tree, String key) {
    byte[] bytes = text(key);
    long node = tree.find(MemorySegment.ofArray(bytes), 0, bytes.length);
    if (node == LmdbTree.NONE) {
      return null;
    }
    LmdbImage image = tree.image();
    return image
        .map()
        .asSlice(image.dataOffset(node), image.dataLength(node))
        .toArray(ValueLayout.JAVA_BYTE);
  }
}
