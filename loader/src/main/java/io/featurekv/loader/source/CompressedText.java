package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The text in a compressed stream. Damage is the input's fault, not that of the disk or the network
 * it comes from.
 */
final class CompressedText extends FilterInputStream {
  private final String name;
  private final Compression compression;
  private final Counted compressed;
  private long textBytes;

  /** Counts what is taken, and keeps in mind that it failed. */
  private static final class Counted extends FilterInputStream {
    private long count;
    private boolean failed;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        int read = in.read(target, offset, length);
        count += Math.max(0, read);
        return read;
      } catch (IOException e) {
        failed = true;
        throw e;
      }
    }
  }

  private CompressedText(String name, Compression compression, Counted compressed)
      throws IOException {
    super(compression.decompress(compressed));
    this.name = name;
    this.compression = compression;
    this.compressed = compressed;
  }

  static CompressedText open(String name, Compression compression, InputStream in)
      throws IOException {
    try {
      return new CompressedText(name, compression, new Counted(in));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Compressed bytes taken so far. */
  long compressedBytes() {
    return compressed.count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      int read = in.read(target, offset, length);
      textBytes += Math.max(0, read);
      return read;
    } catch (IOException e) {
      if (compressed.failed) {
        throw e;
      }
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          name
              + " cannot be read beyond "
              + textBytes
              + " bytes of its text: it is not whole "
              + compression
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
