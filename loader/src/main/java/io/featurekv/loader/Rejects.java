package io.featurekv.loader;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rejected rows of one build: all of them counted and written to a file, the first ones in
 * input order kept, the limit on them held. Thread-safe.
 */
final class Rejects implements AutoCloseable {
  /** Beyond so many, a limit that is broken already ends the reading. */
  static final long MAX_COUNTED_BEYOND_LIMIT = 1000;

  private final double limit;
  private final boolean isPercent;
  private final @Nullable Path path;
  private final @Nullable OutputStream out;
  private final List<Placed> first = new ArrayList<>();
  private final ByteSink line = new ByteSink();
  private long count;

  /** A rejected row and which source it is of, in input order. */
  private record Placed(int source, RejectedRow row) {
    static final Comparator<Placed> IN_INPUT_ORDER =
        Comparator.comparingInt(Placed::source).thenComparingLong(placed -> placed.row().row());
  }

  Rejects(double limit, boolean isPercent, @Nullable Path path) {
    if (!(limit >= 0) || (isPercent && limit > 100)) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a limit of " + limit + (isPercent ? "%" : "") + " rejected rows cannot be");
    }
    this.limit = limit;
    this.isPercent = isPercent;
    this.path = path;
    try {
      this.out = path == null ? null : new BufferedOutputStream(Files.newOutputStream(path));
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the file for rejected rows " + path + " cannot be written: " + e,
          e);
    }
  }

  synchronized void add(int source, RejectedRow row) {
    count++;
    first.add(new Placed(source, row));
    if (first.size() > BuildResult.MAX_SHOWN_REJECTED) {
      first.sort(Placed.IN_INPUT_ORDER);
      first.removeLast();
    }
    if (out != null) {
      line.reset();
      line.putAscii("{\"source\":");
      putText(row.source());
      line.putAscii(",\"row\":" + row.row() + ",\"reason\":");
      putText(row.reason());
      line.putAscii("}\n");
      try {
        out.write(line.array(), 0, line.length());
      } catch (IOException e) {
        throw DiskFailure.of("rejected rows cannot be written to " + path, e);
      }
    }
  }

  private void putText(String text) {
    // Halves of surrogate pairs, which a reason may quote, have no UTF-8 form.
    line.putJsonString(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
  }

  synchronized long count() {
    return count;
  }

  /** The first ones in input order. */
  synchronized List<RejectedRow> first() {
    first.sort(Placed.IN_INPUT_ORDER);
    return first.stream().map(Placed::row).toList();
  }

  /** Whether the limit is broken for good and so many are counted that the rest need not be. */
  synchronized boolean isHopeless() {
    return !isPercent && count > limit && count > MAX_COUNTED_BEYOND_LIMIT;
  }

  /**
   * Holds the limit.
   *
   * @param rows rows read so far
   * @throws FeatureKvException CONFLICT with the count, the limit and the first rows
   */
  synchronized void check(long rows) {
    if (isPercent ? count * 100.0 <= limit * rows : count <= limit) {
      return;
    }
    StringBuilder message = new StringBuilder();
    message
        .append(isHopeless() ? "more than " + MAX_COUNTED_BEYOND_LIMIT : Long.toString(count))
        .append(" of ")
        .append(isHopeless() ? "the first " + rows : Long.toString(rows))
        .append(rows == 1 ? " row rejected; " : " rows rejected; ")
        .append(limitText())
        .append(" allowed:");
    List<RejectedRow> shown = first();
    for (RejectedRow row : shown) {
      message.append("\n  ").append(row);
    }
    if (count > shown.size()) {
      message.append("\n  and ").append(count - shown.size()).append(" more");
    }
    throw new FeatureKvException(ErrorCode.CONFLICT, message.toString());
  }

  private String limitText() {
    String number =
        limit == Math.rint(limit)
            ? String.format(Locale.ROOT, "%.0f", limit)
            : Double.toString(limit);
    return isPercent ? number + "%" : number + (limit == 1 ? " is" : " are");
  }

  @Override
  public synchronized void close() {
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        throw DiskFailure.of("rejected rows cannot be written to " + path, e);
      }
    }
  }
}
