package io.featurekv.loader.source;

import dev.hardwood.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * An origin as Hardwood reads it: ranges, from several threads.
 *
 * @param origin a seekable one
 */
record OriginFile(Origin origin) implements InputFile {
  @Override
  public void open() {}

  @Override
  public ByteBuffer readRange(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > length() - length) {
      throw new IndexOutOfBoundsException(
          name() + " has " + length() + " bytes, not " + length + " from " + offset + " on");
    }
    byte[] bytes = new byte[length];
    try (InputStream in = origin.open(offset, offset + length)) {
      int count = in.readNBytes(bytes, 0, length);
      if (count < length) {
        throw new EOFException(name() + " ends after " + (offset + count) + " bytes");
      }
    }
    return ByteBuffer.wrap(bytes);
  }

  @Override
  public long length() {
    return origin.lengthBytes();
  }

  @Override
  public String name() {
    return origin.name();
  }

  @Override
  public void close() {}
}
