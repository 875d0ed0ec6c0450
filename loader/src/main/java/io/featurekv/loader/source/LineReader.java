package io.featurekv.loader.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines at {@code \n}. The bytes of a line are valid until the next one. Lines
 * beyond the bound are skipped, and counted like any other.
 */
final class LineReader {
  private static final int BUFFER_BYTES = 64 << 10;

  private final InputStream in;
  private final int maxLineBytes;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int lineStart;
  private int lineEnd;
  private int nextStart;
  private int filled;
  private boolean atEnd;
  private boolean tooLong;
  private long number;
  private long bytesRead;

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /** Moves to the next line; false at the end. */
  boolean next() throws IOException {
    lineStart = nextStart;
    tooLong = false;
    int scanned = lineStart;
    while (true) {
      for (; scanned < filled; scanned++) {
        if (buffer[scanned] == '\n') {
          lineEnd = scanned;
          nextStart = scanned + 1;
          tooLong |= length() > maxLineBytes;
          number++;
          return true;
        }
      }
      if (atEnd) {
        lineEnd = filled;
        nextStart = filled;
        tooLong |= length() > maxLineBytes;
        boolean any = tooLong || lineStart < lineEnd;
        number += any ? 1 : 0;
        return any;
      }
      scanned -= makeRoom();
      int count = in.read(buffer, filled, buffer.length - filled);
      if (count < 0) {
        atEnd = true;
      } else {
        filled += count;
        bytesRead += count;
      }
    }
  }

  /** Makes room behind what is there of the line; returns by how much that moved to the front. */
  private int makeRoom() {
    if (filled < buffer.length) {
      return 0;
    }
    int length = filled - lineStart;
    if (length > maxLineBytes) {
      tooLong = true;
      length = 0;
    }
    int moved = filled - length;
    if (lineStart == 0 && length == filled) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(buffer.length * 2L, maxLineBytes + 1L));
      return 0;
    }
    System.arraycopy(buffer, moved, buffer, 0, length);
    lineStart = 0;
    filled = length;
    return moved;
  }

  byte[] buffer() {
    return buffer;
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

  /** Of the line, from 1. */
  long number() {
    return number;
  }

  long bytesRead() {
    return bytesRead;
  }
}
