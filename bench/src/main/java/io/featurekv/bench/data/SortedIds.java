package io.featurekv.bench.data;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import java.util.Arrays;

/** The ids of a set's entries, parted and sorted beforehand. */
public final class SortedIds {
  private final long[][] parts;

  private SortedIds(long[][] parts) {
    this.parts = parts;
  }

  /** For a layout; one without an order leaves the ids in order of their entries. */
  public static SortedIds of(int entries, Layout layout) {
    int[] counts = new int[layout.parts()];
    long[] hashes = new long[entries];
    byte[] key = new byte[StandardKeys.KEY_BYTES];
    for (int entry = 0; entry < entries; entry++) {
      StandardKeys.write(StandardKeys.id(entry), key);
      hashes[entry] = KeyHash.of(key);
      counts[layout.part(hashes[entry])]++;
    }
    EntryOrder order = layout.order();
    long[][] ids = new long[layout.parts()][];
    for (int part = 0; part < ids.length; part++) {
      ids[part] = new long[counts[part]];
      long[] ranks = new long[order == null ? 0 : counts[part]];
      int at = 0;
      for (int entry = 0; entry < entries; entry++) {
        if (layout.part(hashes[entry]) == part) {
          ids[part][at] = StandardKeys.id(entry);
          if (order != null) {
            ranks[at] = Layout.rank(order, ids[part][at], hashes[entry]);
          }
          at++;
        }
      }
      if (order != null) {
        RadixSort.sort(ranks, ids[part], at);
      }
    }
    return new SortedIds(ids);
  }

  /** Only those that a version of the updated set brought. */
  public SortedIds ofVersion(int version) {
    long[][] chosen = new long[parts.length][];
    for (int part = 0; part < parts.length; part++) {
      chosen[part] =
          Arrays.stream(parts[part]).filter(id -> EntrySet.versionOf(id) == version).toArray();
    }
    return new SortedIds(chosen);
  }

  int count(int part) {
    return parts[part].length;
  }

  /** The id at a place of a part. */
  public long id(int part, int place) {
    return parts[part][place];
  }
}
