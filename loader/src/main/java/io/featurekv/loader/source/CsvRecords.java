package io.featurekv.loader.source;

import io.featurekv.loader.row.ByteScan;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;

/**
 * The records of CSV (RFC 4180) as slices of a buffer. Fields are separated by one byte; a field
 * that begins with a quote ends with the next one that is not doubled; elsewhere a quote is a
 * character. Records end at {@code \n}, {@code \r\n} or {@code \r}; empty lines are skipped. Not
 * thread-safe.
 */
final class CsvRecords implements Closeable {
  /** Most fields of a record. */
  static final int MAX_FIELDS = 16 << 10;

  private static final int MORE = -1;
  private static final long LINE_FEEDS = ByteScan.pattern('\n');
  private static final long RETURNS = ByteScan.pattern('\r');
  private static final long QUOTES = ByteScan.pattern('"');

  private final String name;
  private final TextBuffer buffer;
  private final byte separator;
  private final long separators;
  private int at;

  /** The offset of line 1. */
  private long countedFrom;

  /** The line, from 1, that stands at {@code at}. */
  private long line = 1;

  private long recordLine;

  // Of the record that was read last.
  private int count;
  private int[] starts = new int[16];
  private int[] ends = new int[16];
  private boolean[] doubled = new boolean[16];
  private boolean anyDoubled;
  private boolean quoteDoubled;
  private int lineBreaks;
  private long seen;

  /** Records from the start of the buffer. */
  CsvRecords(String name, TextBuffer buffer, char separator) {
    this.name = name;
    this.buffer = buffer;
    this.separator = (byte) separator;
    this.separators = ByteScan.pattern(separator);
    this.countedFrom = buffer.offset(0);
  }

  /** Skips a byte order mark, if the text begins with one. */
  void skipByteOrderMark() throws IOException {
    while (buffer.limit() - at < 3 && !buffer.atEnd()) {
      buffer.more(at);
    }
    byte[] bytes = buffer.bytes();
    if (buffer.limit() - at >= 3
        && bytes[at] == (byte) 0xEF
        && bytes[at + 1] == (byte) 0xBB
        && bytes[at + 2] == (byte) 0xBF) {
      at += 3;
    }
  }

  /** Goes on behind the next line break, or to the end where there is none; counts no line. */
  void skipLine() throws IOException {
    int next = MORE;
    while (next == MORE) {
      at = fieldEnd(at, LINE_FEEDS);
      if (at < buffer.limit()) {
        next = behindBreak(at);
      } else if (buffer.atEnd()) {
        next = at;
      }
      if (next == MORE) {
        readMore();
      }
    }
    at = next;
    countedFrom = offset();
  }

  /** The offset at which the next record, or an empty line, begins. */
  long offset() {
    return buffer.offset(at);
  }

  /** How many lines have been read. */
  long lines() {
    return line - 1;
  }

  /**
   * Reads the next record.
   *
   * @param end offset from which on no record begins that is wanted
   * @return false if there is none
   * @throws FeatureKvException INVALID_ARGUMENT where quotes are wrong, or it is too long: nobody
   *     can tell then where the next record begins
   */
  boolean next(long end) throws IOException {
    while (true) {
      if (buffer.offset(at) >= end) {
        return false;
      }
      if (at == buffer.limit()) {
        if (buffer.atEnd()) {
          return false;
        }
        readMore();
      } else if (isBreak(buffer.bytes()[at])) {
        int next = behindBreak(at);
        if (next == MORE) {
          readMore();
        } else {
          at = next;
          line++;
        }
      } else {
        break;
      }
    }
    int next = scan();
    while (next == MORE) {
      readMore();
      next = scan();
    }
    at = next;
    recordLine = line;
    line += lineBreaks;
    if (anyDoubled) {
      undouble();
    }
    return true;
  }

  private void readMore() throws IOException {
    if (buffer.isFull(at)) {
      throw unreadable("it is longer than the " + (buffer.limit() - at) + " bytes that are read");
    }
    buffer.more(at);
    at = 0;
  }

  /** The line in which the record begins, from 1. */
  long line() {
    return recordLine;
  }

  /** How many fields the record has. */
  int count() {
    return count;
  }

  /** Holds the fields until the next record is read. */
  byte[] bytes() {
    return buffer.bytes();
  }

  int start(int field) {
    return starts[field];
  }

  int length(int field) {
    return ends[field] - starts[field];
  }

  /** Whether all its bytes are surely ASCII. */
  boolean isAscii() {
    return (seen & ByteScan.HIGH_BITS) == 0;
  }

  /** Finds the fields of the record at {@code at}; returns where it ends, or MORE. */
  private int scan() {
    byte[] bytes = buffer.bytes();
    int limit = buffer.limit();
    count = 0;
    lineBreaks = 0;
    anyDoubled = false;
    seen = 0;
    int from = at;
    while (true) {
      int end;
      if (from < limit && bytes[from] == '"') {
        from++;
        int quote = closingQuote(from);
        if (quote == MORE) {
          return MORE;
        }
        add(from, quote, quoteDoubled);
        end = quote + 1;
        if (end < limit && bytes[end] != separator && !isBreak(bytes[end])) {
          throw unreadable(
              "a closing quote is followed by neither a separator nor the end of the line");
        }
      } else {
        end = fieldEnd(from, separators);
        add(from, end, false);
      }
      if (end == limit) {
        return buffer.atEnd() ? end : MORE;
      }
      if (bytes[end] != separator) {
        lineBreaks++;
        return behindBreak(end);
      }
      from = end + 1;
    }
  }

  private void add(int start, int end, boolean isDoubled) {
    if (count == starts.length) {
      if (count == MAX_FIELDS) {
        throw unreadable("it has more than " + MAX_FIELDS + " columns");
      }
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
      doubled = Arrays.copyOf(doubled, count * 2);
    }
    starts[count] = start;
    ends[count] = end;
    doubled[count] = isDoubled;
    anyDoubled |= isDoubled;
    count++;
  }

  private static boolean isBreak(byte c) {
    return c == '\n' || c == '\r';
  }

  /** Where the line behind a line break begins, or MORE. */
  private int behindBreak(int position) {
    if (buffer.bytes()[position] == '\n') {
      return position + 1;
    }
    if (position + 1 == buffer.limit()) {
      return buffer.atEnd() ? position + 1 : MORE;
    }
    return buffer.bytes()[position + 1] == '\n' ? position + 2 : position + 1;
  }

  /**
   * The first position from {@code from} on with a line break or the other byte; else the limit.
   */
  private int fieldEnd(int from, long other) {
    byte[] bytes = buffer.bytes();
    int limit = buffer.limit();
    long all = 0;
    for (int position = from; position < limit; position += Long.BYTES) {
      long word = ByteScan.word(bytes, position);
      all |= word;
      long found =
          ByteScan.find(word, other)
              | ByteScan.find(word, LINE_FEEDS)
              | ByteScan.find(word, RETURNS);
      if (found != 0) {
        seen |= all;
        return Math.min(limit, position + ByteScan.first(found));
      }
    }
    seen |= all;
    return limit;
  }

  /** The position of the quote that ends a field whose text begins at {@code from}, or MORE. */
  private int closingQuote(int from) {
    byte[] bytes = buffer.bytes();
    int limit = buffer.limit();
    boolean twice = false;
    int position = from;
    while (position < limit) {
      long word = ByteScan.word(bytes, position);
      seen |= word;
      long found =
          ByteScan.find(word, QUOTES)
              | ByteScan.find(word, LINE_FEEDS)
              | ByteScan.find(word, RETURNS);
      if (found == 0) {
        position += Long.BYTES;
        continue;
      }
      position += ByteScan.first(found);
      if (position >= limit) {
        break;
      }
      if (bytes[position] != '"') {
        lineBreaks++;
        int next = behindBreak(position);
        position = next == MORE ? limit : next;
      } else if (position + 1 < limit && bytes[position + 1] == '"') {
        twice = true;
        position += 2;
      } else if (position + 1 < limit || buffer.atEnd()) {
        quoteDoubled = twice;
        return position;
      } else {
        return MORE;
      }
    }
    if (buffer.atEnd()) {
      throw unreadable("a quote is opened and never closed");
    }
    return MORE;
  }

  /** Makes one quote of two, in place. */
  private void undouble() {
    byte[] bytes = buffer.bytes();
    for (int field = 0; field < count; field++) {
      if (doubled[field]) {
        int to = starts[field];
        for (int from = to; from < ends[field]; from++) {
          bytes[to++] = bytes[from];
          from += bytes[from] == '"' ? 1 : 0;
        }
        ends[field] = to;
      }
    }
  }

  private FeatureKvException unreadable(String why) {
    return new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT,
        name
            + ": the row after line "
            + recordLine
            + (countedFrom == 0 ? "" : " of the part from byte " + countedFrom + " on")
            + " cannot be read, nor what follows: "
            + why);
  }

  /** Input bytes taken for the text from an offset to the next record. */
  long bytesRead(long from) {
    return buffer.bytesRead(from, at);
  }

  @Override
  public void close() throws IOException {
    buffer.close();
  }
}
