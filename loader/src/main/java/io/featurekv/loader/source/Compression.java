package io.featurekv.loader.source;

import io.featurekv.storage.ZstdStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** How a text is compressed. */
enum Compression {
  NONE,
  GZIP,
  ZSTD;

  /** How many bytes at its start tell it. */
  static final int MAGIC_BYTES = 4;

  /**
   * What the first bytes tell. Those of compressed text are no UTF-8, so no text is taken for it.
   *
   * @param length of what is there, maybe less than {@link #MAGIC_BYTES}
   */
  static Compression ofMagic(byte[] start, int length) {
    if (length >= 2 && start[0] == 0x1F && start[1] == (byte) 0x8B) {
      return GZIP;
    }
    if (length < MAGIC_BYTES) {
      return NONE;
    }
    boolean frame =
        start[0] == 0x28 && start[1] == (byte) 0xB5 && start[2] == 0x2F && start[3] == (byte) 0xFD;
    // Frames to be skipped, with which pzstd begins.
    boolean skippable =
        (start[0] & 0xF0) == 0x50 && start[1] == 0x2A && start[2] == 0x4D && start[3] == 0x18;
    return frame || skippable ? ZSTD : NONE;
  }

  /** What the ending of a name says. */
  static Compression ofName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".gz")) {
      return GZIP;
    }
    return lower.endsWith(".zst") || lower.endsWith(".zstd") ? ZSTD : NONE;
  }

  /** A name without the ending that says it. */
  static String withoutEnding(String name) {
    return ofName(name) == NONE ? name : name.substring(0, name.lastIndexOf('.'));
  }

  /** The text in a stream. */
  InputStream decompress(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GzipStream(in);
      case ZSTD -> ZstdStream.decompress(in);
    };
  }
}
