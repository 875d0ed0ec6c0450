package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A window over a stream: the bytes from some offset on, as many as its reader still wants. Behind
 * its end it always has {@link #SLACK_BYTES} bytes that mean nothing, so that whole words can be
 * read. Not thread-safe.
 */
final class TextBuffer implements Closeable {
  /** A word less a byte, rounded up. */
  static final int SLACK_BYTES = Long.BYTES;

  private static final int INITIAL_BYTES = 256 << 10;

  private final String name;
  private final InputStream in;
  private final long expectedEnd;
  private final int maxBytes;
  private byte[] bytes;
  private int limit;
  private long base;
  private boolean atEnd;

  /**
   * A window that is empty yet.
   *
   * @param name what messages call the text
   * @param offset of the stream's first byte
   * @param expectedEnd where the stream has to end, -1 where that is not known
   * @param maxBytes bound on the window's size
   */
  TextBuffer(String name, InputStream in, long offset, long expectedEnd, int maxBytes) {
    this.name = name;
    this.in = in;
    this.base = offset;
    this.expectedEnd = expectedEnd;
    this.maxBytes = maxBytes;
    this.bytes = new byte[Math.min(INITIAL_BYTES, maxBytes) + SLACK_BYTES];
  }

  /** The window, from 0 to {@link #limit}; another array after {@link #more}. */
  byte[] bytes() {
    return bytes;
  }

  int limit() {
    return limit;
  }

  /** Whether the stream has nothing behind the window. */
  boolean atEnd() {
    return atEnd;
  }

  /** The offset in the stream of a position of the window. */
  long offset(int position) {
    return base + position;
  }

  /** Whether all that the bound allows is taken by what is from a position on. */
  boolean isFull(int from) {
    return limit - from >= maxBytes;
  }

  /**
   * Forgets what comes before {@code from}, which becomes position 0, and fills the window, which
   * is not {@link #isFull}. It grows where less than half of it would be new, so that reading what
   * was kept again costs no more than reading it twice.
   */
  void more(int from) throws IOException {
    int kept = limit - from;
    int room = bytes.length - SLACK_BYTES;
    if (kept > room / 2 && room < maxBytes) {
      room = (int) Math.min(maxBytes, room * 2L);
      bytes = Arrays.copyOfRange(bytes, from, from + room + SLACK_BYTES);
    } else {
      System.arraycopy(bytes, from, bytes, 0, kept);
    }
    base += from;
    limit = kept;
    int count = in.readNBytes(bytes, limit, room - limit);
    atEnd = count < room - limit;
    limit += count;
    if (atEnd && expectedEnd >= 0 && offset(limit) < expectedEnd) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          name
              + " ends after "
              + offset(limit)
              + " bytes; it had "
              + expectedEnd
              + " when the load began");
    }
  }

  /** Input bytes taken for the text from an offset to a position of the window. */
  long bytesRead(long from, int position) {
    return in instanceof CompressedText compressed
        ? compressed.compressedBytes()
        : offset(position) - from;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
