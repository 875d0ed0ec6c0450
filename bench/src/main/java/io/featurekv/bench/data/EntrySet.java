package io.featurekv.bench.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * So many entries of the standard keys with values of a shape. Of the updated set, one entry in
 * twenty each has the value of version 1, 2, 3 and 4; the others, as all of the plain set, that of
 * version 0.
 *
 * @param count entries, from number 0
 * @param isUpdated whether this is the updated set
 */
public record EntrySet(int count, ValueShape shape, boolean isUpdated) {
  /** Versions after version 0 in the updated set. */
  public static final int UPDATES = 4;

  private static final int UPDATED_IN = 20;

  /** A plain set. */
  public static EntrySet plain(int count, ValueShape shape) {
    return new EntrySet(count, shape, false);
  }

  /** The set after all updates. */
  public EntrySet updated() {
    return new EntrySet(count, shape, true);
  }

  /** The version that an id is of after all updates: 0 to {@link #UPDATES}. */
  public static int versionOf(long id) {
    int slot = (int) Long.remainderUnsigned(StandardKeys.mix64(id), UPDATED_IN);
    return slot <= UPDATES ? slot : 0;
  }

  /** Writes the value of an id, see {@link ValueShape#write}. */
  public int writeValue(long id, byte[] target) {
    return writeValue(id, isUpdated ? versionOf(id) : 0, target);
  }

  /** Writes the value of an id as of a version. */
  public int writeValue(long id, int version, byte[] target) {
    return shape.write(version == 0 ? id : StandardKeys.mix64(id + version), target);
  }

  /**
   * What to train a dictionary with: the values of so many entries, one after the other, from all
   * over the set. Values do not depend on their keys' order, so that any entries will do for
   * neighbours.
   */
  public List<byte[]> neighbourSamples(int neighbours, int totalBytes) {
    List<byte[]> samples = new ArrayList<>();
    byte[] value = new byte[ValueShape.MAX_BYTES];
    byte[] sample = new byte[ValueShape.MAX_BYTES * neighbours];
    long entry = 0;
    long used = 0;
    while (used < totalBytes && entry + neighbours <= count) {
      int length = 0;
      for (int i = 0; i < neighbours; i++) {
        int valueLength = writeValue(StandardKeys.id(entry++), value);
        System.arraycopy(value, 0, sample, length, valueLength);
        length += valueLength;
      }
      samples.add(Arrays.copyOf(sample, length));
      used += length;
    }
    return samples;
  }
}
