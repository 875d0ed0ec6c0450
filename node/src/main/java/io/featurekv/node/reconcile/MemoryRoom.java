package io.featurekv.node.reconcile;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.node.wire.FileKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a {@code mem} file fits into what the machine has available, before it is opened. */
final class MemoryRoom {
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  private MemoryRoom() {}

  /**
   * Refuses with NO_SPACE when the image would not fit; where the machine does not say what it has,
   * nothing is refused.
   */
  static void check(TableKind kind, FileKey key, long bytes) {
    if (kind != TableKind.MEM || !Files.isReadable(MEMINFO)) {
      return;
    }
    try {
      for (String line : Files.readAllLines(MEMINFO)) {
        if (line.startsWith("MemAvailable:")) {
          long available = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
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
      }
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, MEMINFO + ": " + e, e);
    }
  }
}
