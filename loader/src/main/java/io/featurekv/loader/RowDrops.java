package io.featurekv.loader;

import io.featurekv.loader.sort.Duplicates;
import io.featurekv.loader.sort.RowLocation;
import io.featurekv.loader.sort.SortedRecord;
import io.featurekv.model.Limits;
import io.featurekv.storage.EntryChecksum;
import io.featurekv.storage.NativeKeyHash;

/** Counts the rows that another row of their key replaces, or rejects them. Thread-safe. */
final class RowDrops implements Duplicates {
  private final boolean lastWins;
  private final ShardTallies dropped;
  private final Rejections rejections;
  private final byte[] scratch = new byte[Limits.MAX_KEY_BYTES];

  /**
   * Drops of a split or of a whole build.
   *
   * @param lastWins false: whoever comes later is rejected
   */
  RowDrops(boolean lastWins, int shards, Rejections rejections) {
    this.lastWins = lastWins;
    this.dropped = new ShardTallies(shards);
    this.rejections = rejections;
  }

  @Override
  public boolean lastWins() {
    return lastWins;
  }

  @Override
  public void dropped(int shard, SortedRecord record) {
    drop(shard, record);
    if (!lastWins) {
      rejections.add(
          RowLocation.part(record.row()),
          RowLocation.row(record.row()),
          "an earlier row has the same key, and duplicates are errors");
    }
  }

  /** Leaves a record out on purpose. */
  synchronized void drop(int shard, SortedRecord record) {
    dropped.add(shard, 1, checksum(record, record.expirySeconds()));
  }

  /** Gives a record an expiry that its row does not have. */
  synchronized void expire(int shard, SortedRecord record, int expirySeconds) {
    long change = checksum(record, record.expirySeconds()) - checksum(record, expirySeconds);
    dropped.add(shard, 0, change);
  }

  private long checksum(SortedRecord record, int expirySeconds) {
    return EntryChecksum.of(
        NativeKeyHash.of(record.keyAddress(), record.keyLength(), scratch),
        record.keyAddress(),
        record.keyLength(),
        record.valueAddress(),
        record.valueLength(),
        expirySeconds,
        record.isDeletion());
  }

  /** What was dropped so far. */
  ShardTallies tallies() {
    return dropped;
  }
}
