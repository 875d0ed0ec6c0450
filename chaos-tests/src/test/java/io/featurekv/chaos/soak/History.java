package io.featurekv.chaos.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every operation that a client of the workload did: one line in a file each, and those that change
 * something kept in memory for the checks at the end. Thread-safe.
 */
public final class History implements AutoCloseable {
  private final long startNanos;
  private final Writer out;
  private final List<Operation> changes = new ArrayList<>();
  private final SortedMap<String, EnumMap<Outcome, Long>> counts = new TreeMap<>();

  /** How an operation ended, as its client knows it. */
  public enum Outcome {
    /** Acknowledged. */
    OK,
    /** Certainly without effect. */
    REFUSED,
    /** It may have taken effect, now or later. */
    UNKNOWN
  }

  /**
   * One operation.
   *
   * @param kind what was asked: read, load, load-increment, activate, rollback, drop, ...
   * @param client who asked; operations of one client do not overlap
   * @param version the version that the answer names or that was asked for; 0 for none
   * @param detail the operation id, or what was wrong
   */
  public record Operation(
      String kind,
      String client,
      String table,
      long startNanos,
      long endNanos,
      Outcome outcome,
      long version,
      String detail) {}

  /** Begins a file. */
  History(Path file, long startNanos) {
    this.startNanos = startNanos;
    try {
      this.out = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A read; many, so that only the file keeps it. */
  void read(Operation operation) {
    write(operation, false);
  }

  /** An operation that may have changed something. */
  void change(Operation operation) {
    write(operation, true);
  }

  private synchronized void write(Operation operation, boolean isKept) {
    counts
        .computeIfAbsent(operation.kind(), kind -> new EnumMap<>(Outcome.class))
        .merge(operation.outcome(), 1L, Long::sum);
    if (isKept) {
      changes.add(operation);
    }
    try {
      out.write(
          String.join(
              "\t",
              Long.toString((operation.startNanos() - startNanos) / 1_000),
              Long.toString((operation.endNanos() - startNanos) / 1_000),
              operation.client(),
              operation.kind(),
              operation.table(),
              operation.outcome().name(),
              Long.toString(operation.version()),
              operation.detail().replaceAll("\\s+", " ")));
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What may have changed something, in the order of its end. */
  synchronized List<Operation> changes() {
    return List.copyOf(changes);
  }

  /** How many operations of each kind ended how. */
  synchronized SortedMap<String, EnumMap<Outcome, Long>> counts() {
    SortedMap<String, EnumMap<Outcome, Long>> copy = new TreeMap<>();
    counts.forEach((kind, ends) -> copy.put(kind, new EnumMap<>(ends)));
    return copy;
  }

  /** {@link #counts} without those that had been counted before. */
  SortedMap<String, EnumMap<Outcome, Long>> countsSince(
      SortedMap<String, EnumMap<Outcome, Long>> before) {
    SortedMap<String, EnumMap<Outcome, Long>> all = counts();
    before.forEach(
        (kind, ends) -> ends.forEach((end, count) -> all.get(kind).merge(end, -count, Long::sum)));
    return all;
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
