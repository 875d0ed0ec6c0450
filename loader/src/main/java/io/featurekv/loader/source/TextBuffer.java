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

  private final Origin origin;
  private final InputStream in;
  private final int maxBytes;
  private byte[] bytes;
  private int limit;
  private long base;
  private boolean atEnd;

  private TextBuffer(Origin origin, InputStream in, long offset, int maxBytes) {
    this.origin = origin;
    this.in = in;
    this.base = offset;
    this.maxBytes = maxBytes;
    this.bytes = new byte[Math.min(INITIAL_BYTES, maxBytes) + SLACK_BYTES];
  }

  /**
   * Opens a window that is empty yet.
   *
   * @param offset of its first byte
   * @param maxBytes bound on its size
   */
  static TextBuffer open(Origin origin, long offset, int maxBytes) throws IOException {
    return new TextBuffer(origin, origin.open(offset), offset, maxBytes);
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
    if (atEnd && origin.lengthBytes() >= 0 && offset(limit) < origin.lengthBytes()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          origin.name()
              + " ends after "
              + offset(limit)
              + " bytes; it had "
              + origin.lengthBytes()
              + " when the load began");
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
