package io.featurekv.bench.traffic;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.data.StandardKeys;
import java.util.SplittableRandom;

/**
 * Draws the ids of entries that are asked for. Not thread-safe.
 *
 * <p>Zipf's ranks take longer to draw than a server takes to find a key, so some millions of them
 * are drawn beforehand and gone through in a circle, each time from another place. Their entries
 * are scattered over the set.
 */
public final class EntryDraws {
  private static final int POOL = 1 << 22;

  private final int entries;
  private final SplittableRandom random;
  private final KeyMix.Picker picker;
  private final int[] pool;
  private int poolAt;

  public EntryDraws(KeyMix mix, int entries, long seed) {
    this.entries = entries;
    this.random = new SplittableRandom(seed);
    this.picker = mix.picker(entries);
    this.pool = mix == KeyMix.ZIPF ? drawPool() : new int[0];
  }

  private int[] drawPool() {
    long step = coprimeStep(entries);
    int[] drawn = new int[POOL];
    for (int i = 0; i < POOL; i++) {
      drawn[i] = (int) (picker.pick(random) * step % entries);
    }
    return drawn;
  }

  /** A number near the golden section of so many, with no divisor in common. */
  static long coprimeStep(int count) {
    long step = Math.max(1, (long) (count * 0.6180339887498949));
    while (greatestCommonDivisor(step, count) != 1) {
      step++;
    }
    return step;
  }

  private static long greatestCommonDivisor(long a, long b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  /** Draws the next ids and returns how many of them are there. */
  int draw(long[] ids, int count) {
    int present = 0;
    for (int i = 0; i < count; i++) {
      long entry;
      if (pool.length > 0) {
        if (poolAt == 0) {
          poolAt = 1 + random.nextInt(POOL);
        }
        entry = pool[--poolAt];
      } else {
        entry = picker.pick(random);
      }
      present += entry < entries ? 1 : 0;
      ids[i] = StandardKeys.id(entry);
    }
    return present;
  }
}
