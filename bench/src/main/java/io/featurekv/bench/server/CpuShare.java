package io.featurekv.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;

/**
 * Holds processes to a share of one core, by a control group of the kernel (version 1 or 2), which
 * root may make.
 */
public final class CpuShare implements AutoCloseable {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");
  private static final long PERIOD_MICROS = 20_000;

  private final Path group;

  private CpuShare(Path group) {
    this.group = group;
  }

  /** Why no process can be held here; empty where it can. */
  public static Optional<String> obstacle() {
    try (CpuShare trial = of("featurekv-bench-trial-" + ProcessHandle.current().pid(), 0.5)) {
      return trial.group.toFile().isDirectory()
          ? Optional.empty()
          : Optional.of("no control group could be made");
    } catch (IOException e) {
      return Optional.of("the kernel's control groups cannot be used: " + e);
    }
  }

  /**
   * Makes a group.
   *
   * @param cores what all of its processes together may use at most
   */
  static CpuShare of(String name, double cores) throws IOException {
    return of(GROUPS, name, cores);
  }

  /** The same, where the kernel shows its groups in {@code groups}. */
  static CpuShare of(Path groups, String name, double cores) throws IOException {
    long quota = Math.max(1000, Math.round(cores * PERIOD_MICROS));
    Path first = groups.resolve("cpu");
    boolean isFirstVersion = Files.isDirectory(first);
    CpuShare share = new CpuShare((isFirstVersion ? first : groups).resolve(name));
    Files.createDirectory(share.group);
    try {
      if (isFirstVersion) {
        share.set("cpu.cfs_period_us", Long.toString(PERIOD_MICROS));
        share.set("cpu.cfs_quota_us", Long.toString(quota));
      } else {
        share.set("cpu.max", String.format(Locale.ROOT, "%d %d", quota, PERIOD_MICROS));
      }
      return share;
    } catch (IOException e) {
      share.close();
      throw e;
    }
  }

  private void set(String name, String value) throws IOException {
    // The kernel makes the files of a group: where they are missing, it is a mere directory.
    Files.writeString(group.resolve(name), value, StandardOpenOption.WRITE);
  }

  /** Holds a process, with all threads that it has and will have. */
  void hold(long pid) throws IOException {
    set("cgroup.procs", Long.toString(pid));
  }

  /** Once its processes have ended. */
  @Override
  public void close() {
    // Its files are the kernel's, and go with it.
    if (!group.toFile().delete() && group.toFile().exists()) {
      System.err.println("bench: " + group + " is left");
    }
  }
}
