package io.featurekv.bench.cold;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Measured by the flexible I/O tester, past the page cache. */
final class Fio implements DiskReads {
  /** Place of the reads per second in a line of its terse format, version 3. */
  private static final int READS_PER_SECOND_FIELD = 7;

  static boolean isThere() {
    String path = System.getenv("PATH");
    if (path == null) {
      return false;
    }
    for (String directory : path.split(File.pathSeparator, -1)) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, "fio"))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String name() {
    return "fio (libaio, direct, depth " + DEPTH + ")";
  }

  @Override
  public double readsPerSecond(List<Path> files, double seconds) throws IOException {
    String names = files.stream().map(Path::toString).collect(Collectors.joining(":"));
    Process process =
        new ProcessBuilder(
                "fio",
                "--name=reads",
                "--readonly",
                "--filename=" + names,
                "--rw=randread",
                "--bs=" + READ_BYTES,
                "--iodepth=" + DEPTH,
                "--ioengine=libaio",
                "--direct=1",
                "--time_based",
                "--runtime=" + Math.max(1, Math.round(seconds)),
                "--output-format=terse",
                "--terse-version=3")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String[] fields = output.strip().split(";", -1);
    if (fields.length <= READS_PER_SECOND_FIELD) {
      throw new IOException("fio: expected one line of its terse format, found: " + output);
    }
    return Double.parseDouble(fields[READS_PER_SECOND_FIELD]);
  }
}
