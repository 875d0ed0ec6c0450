package io.featurekv.loader.source;

import java.io.IOException;
import java.io.InputStream;

/** Where the bytes of an input come from. May be used from several threads. */
interface Origin {
  /** What messages call it: as it was written. */
  String name();

  /** -1 where that is not known. */
  long lengthBytes();

  /** As {@link Input#identity}. */
  String identity();

  /** As {@link Input#isShared}. */
  boolean isShared();

  /** Whether it can be opened anywhere, and several times; its length is known then. */
  boolean isSeekable();

  /**
   * Opens it at an offset, which is 0 where it is not seekable. The stream ends where {@link
   * #lengthBytes} says, if that is known.
   */
  InputStream open(long offset) throws IOException;

  /** The same bytes as Hardwood reads them; of a seekable one. */
  dev.hardwood.InputFile forParquet() throws IOException;
}
