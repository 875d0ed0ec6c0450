package io.featurekv.node.reconcile;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.node.wire.FileKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Whether a {@code mem} file fits into what the machine has available, before it is opened. */
final class MemoryRoom {
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  private MemoryRoom() {}

  /** Share of the memory that is available which one file's pages may be brought into. */
  private static final int SHARE_FOR_WARMING = 8;

  /** Most bytes of a mapped file that are worth reading before anybody asks for them. */
  static long forWarming() {
    return availableBytes().orElse(0) / SHARE_FOR_WARMING;
  }

  /**
   * Refuses with NO_SPACE when the image would not fit; where the machine does not say what it has,
   * nothing is refused.
   */
  static void check(TableKind kind, FileKey key, long bytes) {
    if (kind != TableKind.MEM) {
      return;
    }
    long available = availableBytes().orElse(Long.MAX_VALUE);
    if (bytes > available) {
      throw new FeatureKvException(
          ErrorCode.NO_SPACE,
          "no memory for "
              + key
              + ": it needs "
              + bytes
              + " bytes, "
              + available
              + " are available");
    }
  }

  /** What the machine says; empty where it says nothing. */
  private static OptionalLong availableBytes() {
    if (!Files.isReadable(MEMINFO)) {
      return OptionalLong.empty();
    }
    try {
      for (String line : Files.readAllLines(MEMINFO)) {
        if (line.startsWith("MemAvailable:")) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, MEMINFO + ": " + e, e);
    }
  }
}
