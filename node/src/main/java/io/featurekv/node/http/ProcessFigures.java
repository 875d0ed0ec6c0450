package io.featurekv.node.http;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process has taken of the machine, as Linux counts it. Thread-safe. */
public final class ProcessFigures {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path IO = Path.of("/proc/self/io");

  private ProcessFigures() {}

  /** CPU time of all threads so far, user and system. */
  public static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime() / NANOS_PER_SECOND
        : 0;
  }

  /**
   * Memory that the process holds without the pages of files that it has mapped, in bytes; NaN
   * where that cannot be read.
   */
  public static double residentAnonBytes() {
    try {
      long kilobytes = 0;
      boolean isThere = false;
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("RssAnon:") || line.startsWith("RssShmem:")) {
          kilobytes += number(line);
          isThere = true;
        }
      }
      return isThere ? kilobytes * 1024.0 : Double.NaN;
    } catch (IOException | NumberFormatException e) {
      return Double.NaN;
    }
  }

  /**
   * Bytes that the process made the kernel write to disks so far, counted when pages become dirty;
   * NaN where that cannot be read. Files on a memory file system do not count.
   */
  public static double writtenBytes() {
    try {
      for (String line : Files.readAllLines(IO)) {
        if (line.startsWith("write_bytes:")) {
          return number(line);
        }
      }
      return Double.NaN;
    } catch (IOException | NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** What the heap may grow to. */
  public static double heapMaxBytes() {
    return Runtime.getRuntime().maxMemory();
  }

  /** Capacity of all direct buffers. */
  public static double directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** The number of a line like {@code RssAnon: 1234 kB}. */
  private static long number(String line) {
    return Long.parseLong(line.substring(line.indexOf(':') + 1).replace("kB", "").strip());
  }
}
