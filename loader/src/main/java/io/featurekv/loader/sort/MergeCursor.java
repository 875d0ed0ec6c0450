package io.featurekv.loader.sort;

import io.featurekv.model.Limits;
import io.featurekv.storage.NativeMemory;
import io.featurekv.storage.VirtualMemory;
import java.util.Arrays;
import java.util.List;

/**
 * Merges the records of one shard from runs in input order, and keeps one record of each key: a
 * tree of losers (Knuth, The Art of Computer Programming, volume 3, 5.4.1). Closing closes the
 * cursors.
 *
 * <p>Invariants: {@code losers[0]} is the input whose record comes next; every inner node holds the
 * input that lost there. {@code prefixes} repeats what orders each input's record.
 */
final class MergeCursor implements RecordCursor {
  private final StoredCursor[] inputs;
  private final boolean[] ended;
  private final long[] prefixes;
  private final int[] losers;
  private final int shard;
  private final Duplicates duplicates;
  private final boolean lastWins;
  private final VirtualMemory lastKey = VirtualMemory.allocate(Limits.MAX_KEY_BYTES);
  private int lastKeyLength = -1;
  private boolean started;

  /** Takes the cursors over, at least one. */
  MergeCursor(int shard, List<StoredCursor> cursors, Duplicates duplicates) {
    this.shard = shard;
    this.duplicates = duplicates;
    this.lastWins = duplicates.lastWins();
    this.inputs = cursors.toArray(StoredCursor[]::new);
    this.ended = new boolean[inputs.length];
    this.prefixes = new long[inputs.length];
    this.losers = new int[inputs.length];
  }

  private void start() {
    started = true;
    for (int i = 0; i < inputs.length; i++) {
      advance(i);
    }
    Arrays.fill(losers, -1);
    for (int i = inputs.length - 1; i >= 0; i--) {
      int winner = i;
      int node = (i + inputs.length) >>> 1;
      while (node > 0 && losers[node] >= 0) {
        if (isBefore(losers[node], winner)) {
          int swap = losers[node];
          losers[node] = winner;
          winner = swap;
        }
        node >>>= 1;
      }
      losers[node] = winner;
    }
  }

  private void advance(int input) {
    if (inputs[input].next()) {
      prefixes[input] = inputs[input].prefix;
    } else {
      ended[input] = true;
      prefixes[input] = Long.MAX_VALUE;
    }
  }

  private boolean isBefore(int left, int right) {
    if (prefixes[left] != prefixes[right]) {
      return prefixes[left] < prefixes[right];
    }
    if (ended[left] || ended[right]) {
      return ended[left] == ended[right] ? left < right : ended[right];
    }
    int order = compareKeys(inputs[left], inputs[right]);
    return order == 0 ? left < right : order < 0;
  }

  private static int compareKeys(StoredCursor left, StoredCursor right) {
    return NativeMemory.compare(left.key, left.keyLength, right.key, right.keyLength);
  }

  /** Moves the winner on and finds the next one. */
  private void replay() {
    int winner = losers[0];
    advance(winner);
    for (int node = (winner + inputs.length) >>> 1; node > 0; node >>>= 1) {
      int loser = losers[node];
      if (isBefore(loser, winner)) {
        losers[node] = winner;
        winner = loser;
      }
    }
    losers[0] = winner;
  }

  @Override
  public boolean next() {
    if (!started) {
      start();
    } else if (!ended[losers[0]]) {
      replay();
    }
    return lastWins ? dropUpToLast() : dropBehindFirst();
  }

  /** Of equal keys the earliest input comes first: drops it while another one follows. */
  private boolean dropUpToLast() {
    while (!ended[losers[0]]) {
      if (!isFollowedByEqual(losers[0])) {
        return true;
      }
      duplicates.dropped(shard, inputs[losers[0]]);
      replay();
    }
    return false;
  }

  /** Whatever comes second has lost to the winner only, so it is on the winner's way. */
  private boolean isFollowedByEqual(int winner) {
    long prefix = prefixes[winner];
    for (int node = (winner + inputs.length) >>> 1; node > 0; node >>>= 1) {
      int other = losers[node];
      if (prefixes[other] == prefix
          && !ended[other]
          && compareKeys(inputs[winner], inputs[other]) == 0) {
        return true;
      }
    }
    return false;
  }

  private boolean dropBehindFirst() {
    while (!ended[losers[0]] && isLastKey(inputs[losers[0]])) {
      duplicates.dropped(shard, inputs[losers[0]]);
      replay();
    }
    if (ended[losers[0]]) {
      return false;
    }
    StoredCursor kept = inputs[losers[0]];
    NativeMemory.copy(kept.key, lastKey.address(), kept.keyLength);
    lastKeyLength = kept.keyLength;
    return true;
  }

  private boolean isLastKey(StoredCursor cursor) {
    return cursor.keyLength == lastKeyLength
        && NativeMemory.equal(cursor.key, lastKey.address(), lastKeyLength);
  }

  private StoredCursor record() {
    return inputs[losers[0]];
  }

  @Override
  public long hash() {
    return record().hash();
  }

  @Override
  public long keyAddress() {
    return record().key;
  }

  @Override
  public int keyLength() {
    return record().keyLength;
  }

  @Override
  public long valueAddress() {
    return record().valueAddress();
  }

  @Override
  public int valueLength() {
    return record().valueLength();
  }

  @Override
  public boolean isDeletion() {
    return record().isDeletion();
  }

  @Override
  public int expirySeconds() {
    return record().expirySeconds();
  }

  @Override
  public long row() {
    return record().row();
  }

  @Override
  public void close() {
    for (StoredCursor input : inputs) {
      input.close();
    }
    lastKey.close();
  }
}
