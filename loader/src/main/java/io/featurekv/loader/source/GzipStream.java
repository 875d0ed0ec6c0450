package io.featurekv.loader.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses gzip (RFC 1952): members, one after the other. Unlike the stream of the JDK it takes
 * nothing but a member or zeros behind a member, so that a damaged one is not taken for the end.
 * Not thread-safe.
 */
final class GzipStream extends InputStream {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int DEFLATE = 8;
  private static final int FLAG_HEADER_CRC = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;

  /** Modification time, extra flags, operating system. */
  private static final int SKIPPED_HEADER_BYTES = 6;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final byte[] one = new byte[1];
  private int position;
  private int limit;
  private boolean inMember;
  private boolean atEnd;

  GzipStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (inMember || beginMember()) {
      int count = inflate(target, offset, length);
      if (count > 0) {
        crc.update(target, offset, count);
        return count;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw new ZipException("the member needs a dictionary");
      } else if (!fill()) {
        throw new EOFException("the member is cut off");
      }
    }
    return -1;
  }

  private int inflate(byte[] target, int offset, int length) throws IOException {
    inflater.setInput(buffer, position, limit - position);
    try {
      int count = inflater.inflate(target, offset, length);
      position = limit - inflater.getRemaining();
      return count;
    } catch (DataFormatException e) {
      throw new ZipException("the member is damaged: " + e.getMessage());
    }
  }

  /** Reads the header of the next member; false where there is none. */
  private boolean beginMember() throws IOException {
    if (atEnd || (position == limit && !fill())) {
      atEnd = true;
      return false;
    }
    if (buffer[position] == 0) {
      skipZeros();
      return false;
    }
    if (next() != 0x1F || next() != 0x8B || next() != DEFLATE) {
      throw new ZipException("there is something that is not gzip");
    }
    int flags = next();
    skip(SKIPPED_HEADER_BYTES);
    if ((flags & FLAG_EXTRA) != 0) {
      skip(next() | next() << 8);
    }
    if ((flags & FLAG_NAME) != 0) {
      skipText();
    }
    if ((flags & FLAG_COMMENT) != 0) {
      skipText();
    }
    if ((flags & FLAG_HEADER_CRC) != 0) {
      skip(Short.BYTES);
    }
    inflater.reset();
    crc.reset();
    inMember = true;
    return true;
  }

  /** Tapes are filled up with zeros. */
  private void skipZeros() throws IOException {
    while (position < limit || fill()) {
      if (buffer[position++] != 0) {
        throw new ZipException("there is something behind the zeros at the end");
      }
    }
    atEnd = true;
  }

  private void endMember() throws IOException {
    inMember = false;
    long expected = nextWord();
    long length = nextWord();
    if (expected != crc.getValue()) {
      throw new ZipException(
          "the member's checksum is %08x, not %08x".formatted(crc.getValue(), expected));
    }
    if (length != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw new ZipException(
          "the member has "
              + inflater.getBytesWritten()
              + " bytes, which is not "
              + length
              + " modulo 2^32");
    }
  }

  private void skipText() throws IOException {
    int c = next();
    while (c != 0) {
      c = next();
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private long nextWord() throws IOException {
    long word = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      word |= (long) next() << (i * Byte.SIZE);
    }
    return word;
  }

  private int next() throws IOException {
    if (position == limit && !fill()) {
      throw new EOFException("the member is cut off");
    }
    return buffer[position++] & 0xFF;
  }

  /** Fills the buffer, all of which has been taken; false at the end. */
  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer, 0, buffer.length));
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
