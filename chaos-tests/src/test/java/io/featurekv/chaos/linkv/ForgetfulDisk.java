package io.featurekv.chaos.linkv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A planted bug: a store that forgets its last writes when it is closed. */
final class ForgetfulDisk {
  private static final int HEADER_BYTES = "RaftLog1".length();
  private static final int CHECKSUM_BYTES = 4;
  private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");

  private ForgetfulDisk() {}

  /**
   * Takes the later half of the entries out of a closed node's log, as if they had never been
   * written; returns how many.
   */
  static int forgetLaterHalf(Path nodeDirectory) throws IOException {
    SortedMap<Long, Path> segments = segments(nodeDirectory);
    Map<Path, List<Integer>> ends = new HashMap<>();
    int count = 0;
    for (Path segment : segments.values()) {
      ends.put(segment, ends(Files.readAllBytes(segment)));
      count += ends.get(segment).size();
    }
    int left = count / 2;
    for (Map.Entry<Long, Path> segment : segments.entrySet()) {
      int kept = Math.min(left, ends.get(segment.getValue()).size());
      left -= kept;
      if (kept < ends.get(segment.getValue()).size()) {
        byte[] bytes = Files.readAllBytes(segment.getValue());
        Files.delete(segment.getValue());
        if (kept > 0) {
          Files.write(
              segment.getValue().resolveSibling("log_inprogress_" + segment.getKey()),
              Arrays.copyOf(bytes, ends.get(segment.getValue()).get(kept - 1)));
        }
      }
    }
    return count - count / 2;
  }

  /** Where the entries of a segment end. */
  private static List<Integer> ends(byte[] segment) {
    List<Integer> ends = new ArrayList<>();
    int at = HEADER_BYTES;
    while (at < segment.length && segment[at] != 0) {
      at = entryEnd(segment, at);
      ends.add(at);
    }
    return ends;
  }

  /** By their first index; each new term begins one. */
  private static SortedMap<Long, Path> segments(Path nodeDirectory) throws IOException {
    SortedMap<Long, Path> segments = new TreeMap<>();
    try (Stream<Path> files = Files.walk(nodeDirectory)) {
      files.forEach(
          file -> {
            Matcher name = SEGMENT.matcher(file.getFileName().toString());
            if (name.matches()) {
              segments.put(Long.valueOf(name.group(1)), file);
            }
          });
    }
    return segments;
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
