package io.featurekv.bench.cold;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A bound on this process' memory, page cache included, through the control group (version 2) that
 * it is alone in. Gone when closed.
 *
 * <p>A process gets such a group from {@code systemd-run --scope}; a group that holds others too is
 * left alone.
 */
public final class MemoryLimit implements AutoCloseable {
  private static final String NO_LIMIT = "max";

  private final Path limit;
  private final Path statistics;

  private MemoryLimit(Path group) {
    this.limit = group.resolve("memory.max");
    this.statistics = group.resolve("memory.stat");
  }

  /** The group of this process, where it can be limited. */
  public static Optional<MemoryLimit> own() throws IOException {
    Path memberships = Path.of("/proc/self/cgroup");
    if (!Files.isReadable(memberships)) {
      return Optional.empty();
    }
    for (String line : Files.readAllLines(memberships)) {
      if (line.startsWith("0::/") && line.length() > "0::/".length()) {
        Path group = Path.of("/sys/fs/cgroup" + line.substring("0::".length()));
        if (Files.isWritable(group.resolve("memory.max")) && isAloneIn(group)) {
          return Optional.of(new MemoryLimit(group));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isAloneIn(Path group) throws IOException {
    String self = Long.toString(ProcessHandle.current().pid());
    return Files.readAllLines(group.resolve("cgroup.procs")).equals(List.of(self));
  }

  /** Allows what the process holds outside the page cache now, and so much more. */
  public void allow(long moreBytes) throws IOException {
    long held = 0;
    for (String line : Files.readAllLines(statistics)) {
      if (line.startsWith("anon ") || line.startsWith("kernel ")) {
        held += Long.parseLong(line.substring(line.indexOf(' ') + 1));
      }
    }
    Files.writeString(limit, Long.toString(held + moreBytes));
  }

  @Override
  public void close() throws IOException {
    Files.writeString(limit, NO_LIMIT);
  }
}
