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
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All rejected rows of one build: holds the limit on them, and tells where they stand. One thread.
 */
final class RejectedRows {
  /** Beyond so many, a limit that is broken already ends the reading. */
  static final long MAX_COUNTED_BEYOND_LIMIT = 1000;

  private final double limit;
  private final boolean isPercent;
  private final List<Rejection> first = new ArrayList<>();
  private long count;
  private boolean endedEarly;

  RejectedRows(double limit, boolean isPercent) {
    if (!(limit >= 0) || (isPercent && limit > 100)) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a limit of " + limit + (isPercent ? "%" : "") + " rejected rows cannot be");
    }
    this.limit = limit;
    this.isPercent = isPercent;
  }

  /** More than these in one split end the reading. */
  long mostOfSplit() {
    return isPercent ? Long.MAX_VALUE : (long) Math.max(limit, MAX_COUNTED_BEYOND_LIMIT);
  }

  /** Adds the rows of a split, or those that sorting rejected. */
  void add(long more, List<Rejection> firstOfThem) {
    count += more;
    first.addAll(firstOfThem);
    first.sort(Rejection.IN_INPUT_ORDER);
    while (first.size() > BuildResult.MAX_SHOWN_REJECTED) {
      first.removeLast();
    }
  }

  /** Adds those of a split that was not read to its end for having so many. */
  void addAll(Rejections rejections) {
    endedEarly = true;
    add(rejections.count(), rejections.first());
  }

  long count() {
    return count;
  }

  List<RejectedRow> first(RowNumbers numbers) {
    return first.stream().map(numbers::place).toList();
  }

  /**
   * Holds the limit.
   *
   * @param rows rows read so far
   * @throws FeatureKvException CONFLICT with the count, the limit and the first rows
   */
  void check(long rows, RowNumbers numbers) {
    if (isPercent ? count * 100.0 <= limit * rows : count <= limit) {
      return;
    }
    StringBuilder message = new StringBuilder();
    message
        .append(endedEarly ? "more than " + MAX_COUNTED_BEYOND_LIMIT : Long.toString(count))
        .append(" of ")
        .append(endedEarly ? "the first " + rows : Long.toString(rows))
        .append(rows == 1 ? " row rejected; " : " rows rejected; ")
        .append(limitText())
        .append(" allowed:");
    for (RejectedRow row : first(numbers)) {
      message.append("\n  ").append(row);
    }
    if (count > first.size()) {
      message.append("\n  and ").append(count - first.size()).append(" more");
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

  /** Opens the file that a user wants all rejected rows in, so that it fails early if it must. */
  static @Nullable OutputStream open(@Nullable Path file) {
    try {
      return file == null ? null : new BufferedOutputStream(Files.newOutputStream(file));
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the file for rejected rows " + file + " cannot be written: " + e,
          e);
    }
  }

  /** Appends rows as JSON lines. */
  static void write(Path spool, RowNumbers numbers, OutputStream out) {
    ByteSink line = new ByteSink();
    try {
      Rejections.read(
          spool,
          rejection -> {
            RejectedRow row = numbers.place(rejection);
            line.reset();
            line.putAscii("{\"source\":");
            putText(line, row.source());
            line.putAscii(",\"row\":" + row.row() + ",\"reason\":");
            putText(line, row.reason());
            line.putAscii("}\n");
            out.write(line.array(), 0, line.length());
          });
    } catch (IOException e) {
      throw DiskFailure.of("rejected rows cannot be written", e);
    }
  }

  private static void putText(ByteSink line, String text) {
    // Halves of surrogate pairs, which a reason may quote, have no UTF-8 form.
    line.putJsonString(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
  }
}
