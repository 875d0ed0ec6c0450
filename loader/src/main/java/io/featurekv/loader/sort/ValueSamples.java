package io.featurekv.loader.sort;

import io.featurekv.storage.NativeMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Collects the values of neighbouring records at many places. The same places give the same
 * samples.
 */
final class ValueSamples {
  /** Most places that are looked at. */
  static final int MAX_PLACES = 512;

  /** Values longer than this are left out: there is nothing to be learnt from so few. */
  static final int MAX_VALUE_BYTES = 64 << 10;

  private static final long SEED = 1;

  private final int neighbours;
  private final List<byte[]> samples = new ArrayList<>();
  private long bytes;

  private ValueSamples(int neighbours) {
    this.neighbours = neighbours;
  }

  /**
   * Takes samples at some of the places, chosen all over them, about as many bytes at each.
   *
   * @param places cursors at the places, made for those that are chosen
   * @param neighbours records of one sample
   * @param maxBytes of all samples; the last value may go beyond it
   */
  static List<byte[]> of(List<Supplier<RecordCursor>> places, int neighbours, long maxBytes) {
    List<Supplier<RecordCursor>> shuffled = new ArrayList<>(places);
    Collections.shuffle(shuffled, new Random(SEED));
    int count = Math.min(MAX_PLACES, shuffled.size());
    ValueSamples values = new ValueSamples(neighbours);
    for (int i = 0; i < count && values.bytes < maxBytes; i++) {
      // What one place lacked, the others may have.
      long share = (maxBytes - values.bytes) / (count - i);
      try (RecordCursor place = shuffled.get(i).get()) {
        values.take(place, values.bytes + Math.max(1, share), maxBytes);
      }
    }
    return values.samples;
  }

  /** Takes whole samples until all there are have so many bytes. */
  private void take(RecordCursor records, long untilBytes, long maxBytes) {
    boolean more = true;
    while (more && bytes < untilBytes) {
      List<byte[]> sample = new ArrayList<>(neighbours);
      int length = 0;
      while (more && sample.size() < neighbours && bytes + length < maxBytes) {
        more = records.next();
        if (more && !records.isDeletion() && records.valueLength() <= MAX_VALUE_BYTES) {
          byte[] value = new byte[records.valueLength()];
          NativeMemory.copy(records.valueAddress(), value, 0, value.length);
          sample.add(value);
          length += value.length;
        }
      }
      if (length > 0) {
        samples.add(joined(sample, length));
        bytes += length;
      }
    }
  }

  private static byte[] joined(List<byte[]> values, int length) {
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] value : values) {
      System.arraycopy(value, 0, all, at, value.length);
      at += value.length;
    }
    return all;
  }
}
