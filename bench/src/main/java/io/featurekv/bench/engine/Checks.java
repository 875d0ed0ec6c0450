package io.featurekv.bench.engine;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.Requests;
import io.featurekv.bench.data.SortedIds;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import java.util.Arrays;

/** Proves a store's answers before they are timed. */
public final class Checks {
  private static final int FILLINGS = 4;

  private Checks() {}

  /** A store gave another answer than what went in. */
  public static final class WrongAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WrongAnswer(String message) {
      super(message);
    }
  }

  /**
   * Gets tens of thousands of keys, half of them absent, and holds every byte against the set.
   *
   * @throws WrongAnswer naming store and key
   */
  public static void gets(Store store, EntrySet set, int batchSize) {
    gets(store, set, set::writeValue, batchSize);
  }

  /**
   * {@link #gets(Store, EntrySet, int)} of the plain set with the values of a version, as loads of
   * {@code generate:N?version=V} have them.
   */
  public static void getsOfVersion(Store store, EntrySet set, int version, int batchSize) {
    gets(store, set, (id, target) -> set.writeValue(id, version, target), batchSize);
  }

  /** Writes what an id's value is to be, and returns its length. */
  @FunctionalInterface
  private interface Expectation {
    int write(long id, byte[] target);
  }

  private static void gets(Store store, EntrySet set, Expectation values, int batchSize) {
    try (Requests requests = new Requests(set.count(), KeyMix.HALF_ABSENT, batchSize, 7);
        Reply reply = new Reply(batchSize)) {
      byte[] expected = new byte[ValueShape.MAX_BYTES];
      for (int filling = 0; filling < FILLINGS; filling++) {
        for (RequestBatch batch : requests.next()) {
          reply.reset();
          store.get(batch, reply);
          for (int i = 0; i < batch.size(); i++) {
            check(store, set, values, batch, reply, i, expected);
          }
        }
      }
    }
  }

  private static void check(
      Store store,
      EntrySet set,
      Expectation values,
      RequestBatch batch,
      Reply reply,
      int place,
      byte[] expected) {
    long id = StandardKeys.id(batch.entry(place));
    boolean isPresent = batch.entry(place) < set.count();
    if (reply.isFound(place) != isPresent) {
      throw new WrongAnswer(
          store.name()
              + ": key "
              + Long.toHexString(id)
              + (isPresent ? " was not found" : " was found, which nobody put there"));
    }
    if (isPresent) {
      int length = values.write(id, expected);
      if (!Arrays.equals(reply.value(place), Arrays.copyOf(expected, length))) {
        throw new WrongAnswer(
            store.name() + ": key " + Long.toHexString(id) + " has another value than was put");
      }
    }
  }

  /**
   * Scans from the middle, and holds keys and values against the set.
   *
   * @param ids all, by key, in one part
   */
  public static void scans(OrderedStore store, EntrySet set, SortedIds ids) {
    int start = set.count() / 2;
    int wanted = Math.min(ScanReply.MIN_ENTRIES, set.count() - start);
    try (ScanReply reply = new ScanReply()) {
      long taken = store.scan(StandardKeys.key(ids.id(0, start)), wanted, reply);
      if (taken != wanted) {
        throw new WrongAnswer(
            store.name() + ": a scan: expected " + wanted + " entries, found " + taken);
      }
      byte[] expected = new byte[ValueShape.MAX_BYTES];
      for (int i = 0; i < wanted; i++) {
        long id = ids.id(0, start + i);
        int length = set.writeValue(id, expected);
        if (!Arrays.equals(reply.key(i), StandardKeys.key(id))
            || !Arrays.equals(reply.value(i), Arrays.copyOf(expected, length))) {
          throw new WrongAnswer(
              store.name() + ": a scan: entry " + i + " is not " + Long.toHexString(id));
        }
      }
    }
  }
}
