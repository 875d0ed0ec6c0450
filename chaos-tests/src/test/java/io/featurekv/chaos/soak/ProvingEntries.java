package io.featurekv.chaos.soak;

import io.featurekv.model.UpdateMode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The entries of one table, whose values prove themselves: {@code table|stamp|key|filler|checksum}.
 * The stamp names the load that wrote the value, which is the operation id of the load and so the
 * task id of the version; a full load writes every key, an increment a tenth of them anew and
 * deletes another tenth, which ones its stamp decides.
 *
 * @param entries keys of a full version
 * @param fillerBytes besides what proves
 */
record ProvingEntries(String table, int entries, int fillerBytes) {
  private static final int TENTHS = 10;

  /** What an increment does with a key. */
  private enum Touch {
    WRITTEN,
    DELETED,
    LEFT
  }

  /** Keys from {@link #entries} on are in no version. */
  static byte[] key(long entry) {
    return keyText(entry).getBytes(StandardCharsets.UTF_8);
  }

  private static String keyText(long entry) {
    return "key-" + entry;
  }

  byte[] value(String stamp, long entry) {
    String text = table + '|' + stamp + '|' + keyText(entry) + '|' + "x".repeat(fillerBytes) + '|';
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return (text + Long.toHexString(crc.getValue())).getBytes(StandardCharsets.UTF_8);
  }

  private static Touch touch(String stamp, long entry) {
    long mixed = (stamp.hashCode() * 31L + entry) * 0x9E3779B97F4A7C15L;
    return switch ((int) Math.floorMod(mixed >>> 17, TENTHS)) {
      case 0 -> Touch.WRITTEN;
      case 1 -> Touch.DELETED;
      default -> Touch.LEFT;
    };
  }

  /** Writes the input of a load as TSV with the columns key, value and gone. */
  void write(Path file, String stamp, UpdateMode mode) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("key\tvalue\tgone\n");
      for (int entry = 0; entry < entries; entry++) {
        Touch touch = mode == UpdateMode.FULL ? Touch.WRITTEN : touch(stamp, entry);
        if (touch != Touch.LEFT) {
          out.write(keyText(entry));
          out.write('\t');
          out.write(new String(value(stamp, entry), StandardCharsets.UTF_8));
          out.write('\t');
          out.write(touch == Touch.DELETED ? "true" : "false");
          out.write('\n');
        }
      }
    }
  }

  /**
   * Which load wrote the value that a version has for a key; empty where it has none.
   *
   * @throws IllegalStateException where the chain of the version is not known
   */
  Optional<String> stampOf(KnownVersions versions, long version, long entry) {
    if (entry >= entries) {
      return Optional.empty();
    }
    long at = version;
    while (true) {
      KnownVersions.Known known = versions.get(table, at);
      if (known.mode() == UpdateMode.FULL) {
        return Optional.of(known.taskId());
      }
      switch (touch(known.taskId(), entry)) {
        case WRITTEN -> {
          return Optional.of(known.taskId());
        }
        case DELETED -> {
          return Optional.empty();
        }
        case LEFT -> at = known.parent();
      }
    }
  }
}
