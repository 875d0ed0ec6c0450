package io.featurekv.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process has taken of the machine, from {@code /proc}. */
public final class ProcessUse {
  /** Linux counts CPU time in these, whatever the kernel's own ticks are. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;

  private ProcessUse() {}

  /** CPU time of all its threads so far, those that have ended included; ticks of 10 ms. */
  public static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(file(pid, "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]))
        / TICKS_PER_SECOND;
  }

  /** Memory that it holds, in bytes; pages of files are counted too. */
  public static long residentBytes(long pid) throws IOException {
    return field(pid, "status", "VmRSS:") << 10;
  }

  /** Memory that it holds without the pages of files that it has mapped, in bytes. */
  public static long anonymousBytes(long pid) throws IOException {
    return (field(pid, "status", "RssAnon:") + field(pid, "status", "RssShmem:")) << 10;
  }

  /** Bytes that it made the kernel write to disks so far, counted when pages become dirty. */
  public static long writtenBytes(long pid) throws IOException {
    return field(pid, "io", "write_bytes:");
  }

  private static long field(long pid, String name, String field) throws IOException {
    for (String line : Files.readAllLines(file(pid, name))) {
      if (line.startsWith(field)) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException(file(pid, name) + " says nothing of " + field);
  }

  private static Path file(long pid, String name) {
    return Path.of("/proc/" + pid + "/" + name);
  }
}
