package io.featurekv.storage;

import java.util.List;

/** A run of entries in key order. {@code more} says that there are further ones after the last. */
public record ScanPage(List<Entry> entries, boolean more) {
  /** A key and its value, copies. */
  public record Entry(byte[] key, byte[] value) {}
}
