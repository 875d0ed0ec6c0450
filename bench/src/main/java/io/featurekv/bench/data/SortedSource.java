package io.featurekv.bench.data;

import java.util.List;

/**
 * Input that comes sorted: computed entry by entry while it is handed over.
 *
 * @param version of the values, see {@link EntrySet}
 */
public record SortedSource(EntrySet entries, SortedIds ids, int version) implements EntrySource {
  /** The entries that a later version brings, with its values. */
  public SortedSource update(int later) {
    return new SortedSource(entries, ids.ofVersion(later), later);
  }

  @Override
  public int count(int part) {
    return ids.count(part);
  }

  @Override
  public void feed(int part, EntrySink sink) {
    byte[] key = new byte[StandardKeys.KEY_BYTES];
    byte[] value = new byte[ValueShape.MAX_BYTES];
    int count = ids.count(part);
    for (int place = 0; place < count; place++) {
      long id = ids.id(part, place);
      StandardKeys.write(id, key);
      int length = entries.writeValue(id, version, value);
      sink.put(key, key.length, value, length);
    }
  }

  @Override
  public List<byte[]> neighbourSamples(int neighbours, int totalBytes) {
    return entries.neighbourSamples(neighbours, totalBytes);
  }
}
