package io.featurekv.cli.maelstrom;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines of a stream in UTF-8, of bounded length. For one thread. */
final class LineReader {
  /** The longest message between voters in Base64, and room for what is around it. */
  static final int MAX_LINE_CHARS = 2 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(LineReader.class);

  private final Reader in;

  LineReader(InputStream in) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  /**
   * The next line, or null at the end. Longer ones are skipped, and so is what follows the last
   * line break: it may be half a line.
   */
  @Nullable String next() throws IOException {
    StringBuilder line = new StringBuilder();
    long length = 0;
    for (int read = in.read(); read >= 0; read = in.read()) {
      if (read == '\n') {
        if (length <= MAX_LINE_CHARS) {
          return line.toString();
        }
        LOG.warn("Skipped a line of {} characters, at most {} are read", length, MAX_LINE_CHARS);
        line.setLength(0);
        length = 0;
      } else if (++length <= MAX_LINE_CHARS) {
        line.append((char) read);
      }
    }
    return null;
  }
}
