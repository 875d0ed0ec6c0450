package io.featurekv.loader.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 and loses nothing: each byte that belongs to no character becomes the lone low
 * surrogate {@code 0xDC00 | byte}, which valid UTF-8 never decodes to, so that the row it stands in
 * can be told later. A byte order mark at the start is skipped.
 */
final class Utf8Reader extends Reader {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final InputStream in;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();
  private final CharBuffer chars = CharBuffer.allocate(BUFFER_BYTES).flip();
  private long bytesRead;
  private boolean atStart = true;
  private boolean atEnd;
  private boolean sawMalformed;

  Utf8Reader(InputStream in) {
    this.in = in;
  }

  /** Bytes taken from the stream so far. */
  long bytesRead() {
    return bytesRead;
  }

  /** Whether any text returned so far may hold a byte that is not UTF-8. */
  boolean sawMalformed() {
    return sawMalformed;
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!chars.hasRemaining()) {
      if (atEnd && !bytes.hasRemaining()) {
        return -1;
      }
      decodeMore();
    }
    int count = Math.min(length, chars.remaining());
    chars.get(target, offset, count);
    return count;
  }

  private void decodeMore() throws IOException {
    if (!atEnd) {
      bytes.compact();
      int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
      if (count < 0) {
        atEnd = true;
      } else {
        bytesRead += count;
        bytes.position(bytes.position() + count);
      }
      bytes.flip();
    }
    chars.clear();
    while (true) {
      CoderResult result = decoder.decode(bytes, chars, atEnd);
      if (!result.isError() || !chars.hasRemaining()) {
        break;
      }
      sawMalformed = true;
      chars.put((char) (0xDC00 | (bytes.get() & 0xFF)));
      decoder.reset();
    }
    chars.flip();
    if (atStart && chars.hasRemaining()) {
      atStart = false;
      if (chars.get(chars.position()) == BYTE_ORDER_MARK) {
        chars.get();
      }
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
