package io.featurekv.node.serving;

/** Counts the bytes that are kept for a reader, so that they can be bounded. */
@FunctionalInterface
public interface BytesHolder {
  /** So many bytes more, or fewer. */
  void hold(long bytes);
}
