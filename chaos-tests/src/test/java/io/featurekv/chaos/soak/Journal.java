package io.featurekv.chaos.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The schedule of a run as it really went: one line for each fault, heal and violation, with
 * milliseconds since the run began. Thread-safe; every line is on disk when the call returns.
 */
public final class Journal implements AutoCloseable {
  private final long startNanos;
  private final Writer out;
  private final SortedMap<String, Long> fired = new TreeMap<>();

  /** Begins a file. */
  Journal(Path file, long startNanos) {
    this.startNanos = startNanos;
    try {
      this.out = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A fault happened. */
  public synchronized void fired(String kind, String what) {
    fired.merge(kind, 1L, Long::sum);
    write("fault " + kind + ": " + what);
  }

  /** Anything else that a person wants to read between the faults. */
  public synchronized void note(String what) {
    write(what);
  }

  /** How many faults of each kind happened. */
  public synchronized SortedMap<String, Long> fired() {
    return new TreeMap<>(fired);
  }

  private void write(String line) {
    try {
      out.write(
          String.format(Locale.ROOT, "%10.3f %s%n", (System.nanoTime() - startNanos) / 1e9, line));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
