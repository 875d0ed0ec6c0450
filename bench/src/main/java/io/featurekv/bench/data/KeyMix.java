package io.featurekv.bench.data;

import java.util.SplittableRandom;

/** Which entries are asked for. */
public enum KeyMix {
  /** Every entry as often as the others. */
  UNIFORM("uniform") {
    @Override
    public Picker picker(int entries) {
      return random -> random.nextInt(entries);
    }
  },

  /** The entry of rank r with a probability that falls as {@code r ^ -0.99}. */
  ZIPF("zipf 0.99") {
    @Override
    public Picker picker(int entries) {
      ZipfSampler sampler = new ZipfSampler(entries, 0.99);
      return random -> sampler.rank(random) - 1;
    }
  },

  /** Every second key, by chance, is nowhere; the others UNIFORM. */
  HALF_ABSENT("half absent") {
    @Override
    public Picker picker(int entries) {
      return random ->
          random.nextBoolean()
              ? random.nextInt(entries)
              : StandardKeys.FIRST_ABSENT + random.nextInt(entries);
    }
  },

  /** The same 1,000 entries, from all over the set, again and again. */
  FEW("1,000 keys") {
    @Override
    public Picker picker(int entries) {
      int few = Math.min(entries, 1000);
      return random -> (long) random.nextInt(few) * (entries / few);
    }
  };

  private final String title;

  KeyMix(String title) {
    this.title = title;
  }

  /** Chooses the number of an entry. */
  public interface Picker {
    long pick(SplittableRandom random);
  }

  /** For tables. */
  public String title() {
    return title;
  }

  /** Draws of this mix from so many entries; for one thread. */
  public abstract Picker picker(int entries);
}
