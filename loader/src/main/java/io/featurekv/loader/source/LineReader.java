package io.featurekv.loader.source;

import io.featurekv.loader.row.ByteScan;
import java.io.Closeable;
import java.io.IOException;

/**
 * The lines of a text, divided at {@code \n}. The bytes of a line are valid until the next one.
 * Lines beyond the bound are skipped, and counted like any other.
 */
final class LineReader implements Closeable {
  private static final long LINE_FEEDS = ByteScan.pattern('\n');

  private final TextBuffer buffer;
  private int lineStart;
  private int lineEnd;
  private int nextStart;
  private boolean tooLong;
  private long number;

  /**
   * Lines from the start of the buffer.
   *
   * @param buffer one byte more than its bound is too long for a line
   */
  LineReader(TextBuffer buffer) {
    this.buffer = buffer;
  }

  /** Goes on behind the next line break, or to the end where there is none; counts no line. */
  void skipLine() throws IOException {
    next(Part.END);
    number = 0;
  }

  /**
   * Moves to the next line.
   *
   * @param end offset from which on no line begins that is wanted
   * @return false if there is none
   */
  boolean next(long end) throws IOException {
    if (offset() >= end) {
      return false;
    }
    lineStart = nextStart;
    tooLong = false;
    int scanned = lineStart;
    while (true) {
      lineEnd = breakFrom(scanned);
      if (lineEnd < buffer.limit()) {
        nextStart = lineEnd + 1;
        number++;
        return true;
      }
      if (buffer.atEnd()) {
        nextStart = lineEnd;
        boolean any = tooLong || lineStart < lineEnd;
        number += any ? 1 : 0;
        return any;
      }
      if (buffer.isFull(lineStart)) {
        tooLong = true;
        lineStart = buffer.limit();
      }
      scanned = buffer.limit() - lineStart;
      buffer.more(lineStart);
      lineStart = 0;
    }
  }

  private int breakFrom(int from) {
    byte[] bytes = buffer.bytes();
    int limit = buffer.limit();
    for (int at = from; at < limit; at += Long.BYTES) {
      long found = ByteScan.find(ByteScan.word(bytes, at), LINE_FEEDS);
      if (found != 0) {
        return Math.min(limit, at + ByteScan.first(found));
      }
    }
    return limit;
  }

  byte[] bytes() {
    return buffer.bytes();
  }

  int start() {
    return lineStart;
  }

  int length() {
    return lineEnd - lineStart;
  }

  /** Whether the line was beyond the bound; what is there of it means nothing. */
  boolean isTooLong() {
    return tooLong;
  }

  /** Of the line, from 1; of the last one after the end. */
  long number() {
    return number;
  }

  /** The offset at which the next line begins. */
  long offset() {
    return buffer.offset(nextStart);
  }

  /** Input bytes taken for the text from an offset to the next line. */
  long bytesRead(long from) {
    return buffer.bytesRead(from, nextStart);
  }

  @Override
  public void close() throws IOException {
    buffer.close();
  }
}
