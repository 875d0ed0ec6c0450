package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A bound on the memory of processes, pages of files included: a control group, version 1 or 2. */
public final class MemorySqueeze implements AutoCloseable {
  private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/memory");
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");

  private final Path group;
  private final boolean isVersion1;
  private final AtExit atExit = new AtExit();

  private MemorySqueeze(Path group, boolean isVersion1) {
    this.group = group;
    this.isVersion1 = isVersion1;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    Optional<String> root = SystemTools.missingForRoot();
    if (root.isPresent()) {
      return root;
    }
    return isVersion1() || isVersion2()
        ? Optional.empty()
        : Optional.of("needs a memory control group below " + VERSION_2);
  }

  private static boolean isVersion1() {
    return Files.isWritable(VERSION_1.resolve("memory.limit_in_bytes"))
        || Files.isRegularFile(VERSION_1.resolve("memory.usage_in_bytes"));
  }

  private static boolean isVersion2() {
    try {
      return Files.readString(VERSION_2.resolve("cgroup.subtree_control")).contains("memory");
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes a group without processes and without a bound. */
  public static MemorySqueeze create() {
    boolean isVersion1 = isVersion1();
    Path group = (isVersion1 ? VERSION_1 : VERSION_2).resolve(SystemTools.uniqueName());
    MemorySqueeze squeeze = new MemorySqueeze(group, isVersion1);
    try {
      Files.createDirectory(group);
      squeeze.atExit.add(squeeze::remove);
      return squeeze;
    } catch (IOException e) {
      squeeze.close();
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a process in. What it had before counts where it was. */
  public void add(long pid) {
    write(group.resolve("cgroup.procs"), Long.toString(pid));
  }

  /** Whether a process was taken in and lives. */
  public boolean has(long pid) {
    return List.of(read(group.resolve("cgroup.procs")).split("\\s+", -1))
        .contains(Long.toString(pid));
  }

  /**
   * Allows so many bytes from now on; pages are reclaimed at once.
   *
   * @throws UncheckedIOException if so much cannot be reclaimed
   */
  public void limit(long bytes) {
    write(group.resolve(isVersion1 ? "memory.limit_in_bytes" : "memory.max"), Long.toString(bytes));
  }

  /** Takes the bound away. */
  public void release() {
    write(
        group.resolve(isVersion1 ? "memory.limit_in_bytes" : "memory.max"),
        isVersion1 ? "-1" : "max");
  }

  /** Bytes in use by the processes of the group since they came in. */
  public long usedBytes() {
    return Long.parseLong(
        read(group.resolve(isVersion1 ? "memory.usage_in_bytes" : "memory.current")));
  }

  /** How often the bound was met: what shows that the squeeze was one. */
  public long timesMet() {
    if (isVersion1) {
      return Long.parseLong(read(group.resolve("memory.failcnt")));
    }
    return read(group.resolve("memory.events"))
        .lines()
        .filter(line -> line.startsWith("max "))
        .mapToLong(line -> Long.parseLong(line.substring(4)))
        .sum();
  }

  private void remove() {
    for (String pid : read(group.resolve("cgroup.procs")).split("\\s+", -1)) {
      if (!pid.isEmpty()) {
        try {
          write(group.getParent().resolve("cgroup.procs"), pid);
        } catch (UncheckedIOException e) {
          // It ended meanwhile.
        }
      }
    }
    try {
      Files.deleteIfExists(group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).trim();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try (var out = Files.newOutputStream(file, java.nio.file.StandardOpenOption.WRITE)) {
      out.write(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes the group; its processes go on without a bound. */
  @Override
  public void close() {
    atExit.close();
  }
}
