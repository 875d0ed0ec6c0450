package io.featurekv.bench.traffic;

/** Counts answered requests. For one thread. */
public final class Tally {
  private long requests;
  private long keys;
  private long found;

  void add(int requestKeys, int requestFound) {
    requests++;
    keys += requestKeys;
    found += requestFound;
  }

  void add(Tally other) {
    requests += other.requests;
    keys += other.keys;
    found += other.found;
  }

  public long requests() {
    return requests;
  }

  public long keys() {
    return keys;
  }

  public long found() {
    return found;
  }
}
