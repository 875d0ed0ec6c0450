package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an {@link HttpFile} from one offset to another, over as many responses as it takes.
 */
final class HttpStream extends InputStream {
  private final HttpFile file;
  private final HttpRetries retries;
  private final boolean canResume;
  private final long end;
  private long position;
  private @Nullable InputStream body;

  /**
   * A stream that asks for nothing yet.
   *
   * @param end exclusive; {@link Part#END} where nobody knows
   * @param canResume whether another response may begin where one broke off
   */
  HttpStream(HttpFile file, long from, long end, boolean canResume) {
    this.file = file;
    this.retries = file.retries();
    this.position = from;
    this.end = end;
    this.canResume = canResume;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (position >= end) {
      return -1;
    }
    if (length == 0) {
      return 0;
    }
    int wanted = (int) Math.min(length, end - position);
    while (true) {
      try {
        int count = readBody(target, offset, wanted);
        if (count < 0 && end < Part.END) {
          throw new IOException("the response ends after " + position + " of " + end + " bytes");
        }
        position += Math.max(0, count);
        retries.succeeded();
        return count;
      } catch (IOException e) {
        boolean began = body != null;
        close();
        if (began && !canResume && position > 0) {
          throw new FeatureKvException(
              ErrorCode.UNAVAILABLE,
              file.name()
                  + " broke off after "
                  + position
                  + " bytes, and cannot go on: its server does not answer range requests; "
                  + e.getMessage(),
              e);
        }
        retries.failed("be read beyond byte " + position, e);
      }
    }
  }

  private int readBody(byte[] target, int offset, int length) throws IOException {
    InputStream open = body;
    if (open == null) {
      open = file.get(position, end);
      body = open;
    }
    return open.read(target, offset, length);
  }

  @Override
  public void close() throws IOException {
    if (body != null) {
      body.close();
      body = null;
    }
  }
}
