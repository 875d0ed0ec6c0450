package io.featurekv.storage;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;

/** Streams compressed with Zstandard (RFC 8878), for those who read what others wrote. */
public final class ZstdStream {
  private ZstdStream() {}

  /**
   * Decompresses frames, one after the other, up to the end of {@code in}. Windows of up to 128 MiB
   * are taken, outside the heap. What it returns fails with an IOException where frames are damaged
   * or cut off, and closes {@code in} with itself.
   */
  public static InputStream decompress(InputStream in) throws IOException {
    NativeLibraries.prepare();
    return new ZstdInputStreamNoFinalizer(in);
  }
}
