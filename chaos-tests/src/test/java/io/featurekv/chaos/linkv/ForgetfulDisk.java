package io.featurekv.chaos.linkv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A planted bug: a store that forgets its last writes when it is closed. */
final class ForgetfulDisk {
  private static final int HEADER_BYTES = "RaftLog1".length();
  private static final int CHECKSUM_BYTES = 4;

  private ForgetfulDisk() {}

  /**
   * Takes the later half of the entries out of a closed node's log, as if they had never been
   * written; returns how many.
   */
  static int forgetLaterHalf(Path nodeDirectory) throws IOException {
    Path log = lastLog(nodeDirectory);
    byte[] bytes = Files.readAllBytes(log);
    List<Integer> ends = new ArrayList<>();
    int at = HEADER_BYTES;
    while (at < bytes.length && bytes[at] != 0) {
      at = entryEnd(bytes, at);
      ends.add(at);
    }
    int kept = ends.size() / 2;
    byte[] left = Arrays.copyOf(bytes, kept == 0 ? HEADER_BYTES : ends.get(kept - 1));
    Files.delete(log);
    Files.write(log.resolveSibling("log_inprogress_0"), left);
    return ends.size() - kept;
  }

  /** The only one: what is written here fits into one. */
  private static Path lastLog(Path nodeDirectory) throws IOException {
    try (Stream<Path> files = Files.walk(nodeDirectory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("log_"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  /** An entry is its length as a variable-length number, its bytes and a checksum. */
  private static int entryEnd(byte[] bytes, int start) {
    int length = 0;
    int at = start;
    for (int shift = 0; ; shift += 7) {
      length |= (bytes[at] & 0x7F) << shift;
      if (bytes[at++] >= 0) {
        return at + length + CHECKSUM_BYTES;
      }
    }
  }
}
