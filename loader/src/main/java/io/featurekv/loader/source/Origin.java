package io.featurekv.loader.source;

import java.io.IOException;
import java.io.InputStream;

/**
 * Where the bytes of an input come from, for those who have files elsewhere: {@link Inputs#of}
 * makes rows of them. Used from several threads.
 */
public interface Origin {
  /** What messages call it: as it was written. */
  String name();

  /** The name whose ending says what it is. */
  default String fileName() {
    return name();
  }

  /** -1 where that is not known. */
  long lengthBytes();

  /** As {@link Input#identity}. */
  String identity();

  /** As {@link Input#isShared}. */
  boolean isShared();

  /** Whether it can be opened anywhere, and several times; its length is known then. */
  boolean isSeekable();

  /**
   * Opens it from one offset to another, exclusive. Where it is not seekable, these are 0 and
   * {@link Long#MAX_VALUE}, and it is opened once.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT where it is another one than it
   *     was when it was found
   */
  InputStream open(long from, long to) throws IOException;
}
