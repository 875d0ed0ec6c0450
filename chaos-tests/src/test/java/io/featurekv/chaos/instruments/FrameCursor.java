package io.featurekv.chaos.instruments;

/**
 * Follows the frames of one direction of a connection, as docs/protocol.md lays them out, over
 * chunks that begin and end anywhere. A stream that does not begin with HELLO or HELLO_OK is not
 * followed. Used by one thread.
 */
final class FrameCursor {
  private static final int HEADER_BYTES = 12;
  private static final int TYPE_OFFSET = 4;
  private static final int HELLO = 1;
  private static final int HELLO_OK = 2;

  private final byte[] header = new byte[HEADER_BYTES];
  private int headerBytes;
  private long bodyBytes;
  private long bodyLeft;
  private boolean isFirst = true;
  private boolean isLost;

  /**
   * A part of a chunk that lies within the body of one frame.
   *
   * @param bodyBytes length of the whole body
   * @param bodyOffset where in the body the part begins
   */
  record Part(int offset, int length, int type, long bodyBytes, long bodyOffset) {
    /** What of it lies at an offset in the body or behind; of length 0 if nothing does. */
    Part from(long leastBodyOffset) {
      int skipped = (int) Math.clamp(leastBodyOffset - bodyOffset, 0, length);
      return new Part(offset + skipped, length - skipped, type, bodyBytes, bodyOffset + skipped);
    }
  }

  /** Moves over a chunk; returns its longest part in a single frame's body, or one of length 0. */
  Part advance(byte[] chunk, int length) {
    Part longest = new Part(0, 0, 0, 0, 0);
    int at = 0;
    while (at < length && !isLost) {
      if (bodyLeft == 0) {
        header[headerBytes++] = chunk[at++];
        if (headerBytes == HEADER_BYTES) {
          readHeader();
        }
      } else {
        int part = (int) Math.min(length - at, bodyLeft);
        if (part > longest.length()) {
          longest = new Part(at, part, header[TYPE_OFFSET] & 0xff, bodyBytes, bodyBytes - bodyLeft);
        }
        bodyLeft -= part;
        at += part;
      }
    }
    return longest;
  }

  private void readHeader() {
    headerBytes = 0;
    bodyBytes =
        (header[0] & 0xffL)
            | (header[1] & 0xffL) << 8
            | (header[2] & 0xffL) << 16
            | (header[3] & 0xffL) << 24;
    bodyLeft = bodyBytes;
    int type = header[TYPE_OFFSET];
    isLost = isFirst && type != HELLO && type != HELLO_OK;
    isFirst = false;
  }
}
