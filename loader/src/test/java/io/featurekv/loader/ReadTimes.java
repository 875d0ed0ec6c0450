package io.featurekv.loader;

import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.row.EntryShape;
import io.featurekv.loader.row.TextEncoding;
import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Inputs;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.ReadOptions;
import io.featurekv.loader.source.RowSource;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Measures how long it takes to read rows of two columns (16 and 100 bytes) and make entries of
 * them; is no test. Arguments: rows, and files to be read besides the CSV and JSON lines it writes.
 * Prints wall and CPU nanoseconds per row (of all threads, the compiler's and collector's too), and
 * bytes allocated by the reading thread per row.
 */
final class ReadTimes {
  private static final int ROUNDS = 5;
  private static final int VALUE_BYTES = 100;

  private ReadTimes() {}

  public static void main(String[] args) throws IOException {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    Path home = Files.createTempDirectory("read-times");
    try {
      write(home.resolve("plain.csv"), rows, "key,value\n", "%s,%s\n");
      write(home.resolve("quoted.csv"), rows, "key,value\n", "\"%s\",\"%s\"\n");
      write(home.resolve("lines.jsonl"), rows, "", "{\"key\":\"%s\",\"value\":\"%s\"}\n");
      time("plain.csv", home.resolve("plain.csv").toString());
      time("quoted.csv", home.resolve("quoted.csv").toString());
      time("lines.jsonl", home.resolve("lines.jsonl").toString());
      time("generated", "generate:" + rows);
      for (String file : Arrays.asList(args).subList(Math.min(1, args.length), args.length)) {
        time(file, file);
      }
    } finally {
      for (String file : List.of("plain.csv", "quoted.csv", "lines.jsonl", "")) {
        Files.deleteIfExists(home.resolve(file));
      }
    }
  }

  private static void write(Path path, int rows, String header, String row) throws IOException {
    GeneratedEntries entries = GeneratedEntries.parse("generate:" + rows + "?valueBytes=75");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 20)) {
      out.write(header.getBytes(StandardCharsets.UTF_8));
      String[] parts = row.split("%s", -1);
      byte[][] around = new byte[parts.length][];
      for (int i = 0; i < parts.length; i++) {
        around[i] = parts[i].getBytes(StandardCharsets.UTF_8);
      }
      for (int i = 0; i < rows; i++) {
        out.write(around[0]);
        out.write(GeneratedEntries.keyBytes(i));
        out.write(around[1]);
        byte[] value = Base64.getEncoder().encode(entries.value(i));
        out.write(value, 0, VALUE_BYTES);
        out.write(around[2]);
      }
    }
  }

  private static void time(String name, String address) throws IOException {
    EntryShape shape =
        new EntryShape(
            List.of("key"),
            ":",
            TextEncoding.UTF8,
            "value",
            TextEncoding.UTF8,
            "",
            "",
            1 << 20,
            List.of());
    ReadOptions options =
        new ReadOptions(
            null,
            false,
            Map.of(),
            shape.neededColumns(),
            16 << 20,
            1 << 20,
            InputStream.nullInputStream());
    Input input = Inputs.find(List.of(address), options).getFirst();
    for (int round = 0; round < ROUNDS; round++) {
      EntryMapper mapper = new EntryMapper(shape);
      long cpu = processCpuNanos();
      long allocated = allocatedBytes();
      long start = System.nanoTime();
      long rows = 0;
      long sum = 0;
      Part whole = input.parts(0, Long.MAX_VALUE).getFirst();
      try (RowSource source = input.open(whole)) {
        while (source.next()) {
          if (mapper.map(source.row()) != null) {
            throw new AssertionError("a row is rejected: " + source.row().fault());
          }
          rows++;
          sum += mapper.keyArray()[mapper.keyOffset()] + mapper.valueLength();
        }
      }
      double perRow = 1.0 / Math.max(1, rows);
      new PrintStream(System.out, true, StandardCharsets.UTF_8)
          .printf(
              "%-14s %9d rows  %6.1f ns wall  %6.1f ns cpu  %6.1f bytes allocated  (%d)%n",
              name,
              rows,
              (System.nanoTime() - start) * perRow,
              (processCpuNanos() - cpu) * perRow,
              (allocatedBytes() - allocated) * perRow,
              sum);
    }
  }

  private static long processCpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
