package io.featurekv.metadata;

/**
 * Bytes that a newer release wrote: a command, a field or a format that this one does not know.
 * Whoever applies commands must stop here, because skipping one would make its state another than
 * everybody else's.
 */
public final class UnsupportedMetadataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsupportedMetadataException(String message) {
    super(message);
  }
}
