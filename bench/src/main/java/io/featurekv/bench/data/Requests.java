package io.featurekv.bench.data;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Batches of a mix, refilled outside the time that is measured. Not thread-safe. */
public final class Requests implements AutoCloseable {
  /** Batches of one filling: few enough that their keys stay in the processor's second cache. */
  private static final int BATCHES = 25;

  private final Arena arena = Arena.ofShared();
  private final List<RequestBatch> batches = new ArrayList<>();
  private final int entries;
  private final SplittableRandom random;
  private final KeyMix.Picker picker;

  public Requests(int entries, KeyMix mix, int batchSize, long seed) {
    this.entries = entries;
    this.random = new SplittableRandom(seed);
    this.picker = mix.picker(entries);
    for (int i = 0; i < BATCHES; i++) {
      batches.add(new RequestBatch(arena, batchSize));
    }
  }

  /** The next batches; the ones before are overwritten. */
  public List<RequestBatch> next() {
    for (RequestBatch batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        batch.set(i, picker.pick(random));
      }
      batch.count(entries);
    }
    return batches;
  }

  @Override
  public void close() {
    arena.close();
  }
}
