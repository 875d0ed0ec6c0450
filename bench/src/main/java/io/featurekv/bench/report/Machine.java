package io.featurekv.bench.report;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the figures were measured on. */
public final class Machine {
  private Machine() {}

  /** Names and words, for a directory of data. */
  public static Map<String, Object> describe(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("cpu", field(Path.of("/proc/cpuinfo"), "model name"));
    words.put("cores", Runtime.getRuntime().availableProcessors());
    words.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    words.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    words.put(
        "transparent_hugepages", line(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
    words.put(
        "jdk", System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"));
    words.put("heap_mb", Runtime.getRuntime().maxMemory() >> 20);
    words.put("filesystem", store.type() + " on " + store.name());
    words.put("load_before", line(Path.of("/proc/loadavg")));
    return words;
  }

  /** Memory that is available without swapping; a large number where that is not known. */
  public static long availableBytes() throws IOException {
    String kilobytes = field(Path.of("/proc/meminfo"), "MemAvailable").replace(" kB", "");
    try {
      return Long.parseLong(kilobytes.strip()) << 10;
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static String field(Path file, String name) throws IOException {
    for (String line : lines(file)) {
      if (line.startsWith(name)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "unknown";
  }

  private static String line(Path file) throws IOException {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "unknown" : lines.getFirst();
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
  }
}
