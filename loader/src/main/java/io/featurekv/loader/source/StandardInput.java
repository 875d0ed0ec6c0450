package io.featurekv.loader.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;

/** What the process reads on its standard input. It can be read once. */
final class StandardInput implements Origin {
  /** How it is written among the inputs. */
  static final String ADDRESS = "-";

  private final InputStream stdin;
  private final String identity = ADDRESS + UUID.randomUUID();

  StandardInput(InputStream stdin) {
    this.stdin = stdin;
  }

  @Override
  public String name() {
    return "<stdin>";
  }

  @Override
  public long lengthBytes() {
    return -1;
  }

  /** Another one for each: nobody knows what is going to come. */
  @Override
  public String identity() {
    return identity;
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public boolean isSeekable() {
    return false;
  }

  @Override
  public InputStream open(long from, long to) {
    return new FilterInputStream(stdin) {
      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return in.read(target, offset, length);
      }

      @Override
      public void close() {
        // Standard input belongs to the process.
      }
    };
  }
}
