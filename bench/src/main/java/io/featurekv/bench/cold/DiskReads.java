package io.featurekv.bench.cold;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Random reads of 4 KB from given files, as fast as they go with 32 of them under way. */
public interface DiskReads {
  /** Reads that are under way at a time. */
  int DEPTH = 32;

  /** Bytes of one read. */
  int READ_BYTES = 4096;

  /** For tables. */
  String name();

  /** Reads for a while; returns reads per second. */
  double readsPerSecond(List<Path> files, double seconds) throws IOException;

  /**
   * The tool {@code fio} where it is on the PATH and gets a second or more, less than which it does
   * not know; else threads of this process.
   */
  static DiskReads best(double seconds) {
    return seconds >= 1 && Fio.isThere() ? new Fio() : new ThreadedReads();
  }
}
