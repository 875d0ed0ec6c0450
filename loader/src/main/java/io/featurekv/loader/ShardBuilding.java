package io.featurekv.loader;

import io.featurekv.loader.sort.RecordCursor;
import io.featurekv.loader.sort.Run;
import io.featurekv.loader.sort.SortedRuns;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.BlockDictionary;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.EntryTotals;
import io.featurekv.storage.NativeKeyHash;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The last stage: walks each shard's sorted records, builds its file, and reads it back. Different
 * shards may be built by different threads.
 */
public final class ShardBuilding {
  private static final int RECORDS_PER_REPORT = 1024;
  private static final long MILLIS_PER_SECOND = 1000;
  private static final long LAST_SECOND = 0xFFFF_FFFFL;

  private final ShardSpec spec;
  private final List<? extends Run> runs;
  private final ShardTallies parsed;
  private final ShardTallies dropped;
  private final int ttlExpirySeconds;
  private final @Nullable WriterFactory writers;
  private final Stepper steps;

  /** Hears how building goes on; throws when it is to stop. Called from all threads. */
  public interface Stepper {
    /** So many more entries were placed. */
    void built(long entries);

    /** So many more bytes were read back. */
    void readBack(int bytes);
  }

  /**
   * What the shards of one version have in common.
   *
   * @param order in which its writers take entries
   * @param dictionary for blocks of kind {@code blk}; null for none
   * @param lastDuplicateWins false: a later row of a key is rejected
   * @param nowMillis what the table's TTL is counted from
   * @param readMemoryBytes for reading the runs of one shard
   */
  record ShardSpec(
      String table,
      TableKind kind,
      EntryOrder order,
      long version,
      int shards,
      UpdateMode mode,
      int blockEntries,
      byte @Nullable [] dictionary,
      boolean lastDuplicateWins,
      long entryTtlMillis,
      long nowMillis,
      long readMemoryBytes) {}

  /**
   * A stage that has not begun.
   *
   * @param runs in input order
   * @param parsed what the inputs' rows made, by shard
   * @param dropped what sorting has left out of it on purpose
   * @param writers null: everything is walked, nothing is built
   */
  ShardBuilding(
      ShardSpec spec,
      List<? extends Run> runs,
      ShardTallies parsed,
      ShardTallies dropped,
      @Nullable WriterFactory writers,
      Stepper steps) {
    this.spec = spec;
    this.runs = runs;
    this.parsed = parsed;
    this.dropped = dropped;
    this.writers = writers;
    this.ttlExpirySeconds = ttlExpirySeconds(spec.entryTtlMillis(), spec.nowMillis());
    this.steps = steps;
  }

  /** When an entry without an expiry of its own expires, as in {@link ShardWriter#put}. */
  static int ttlExpirySeconds(long ttlMillis, long nowMillis) {
    if (ttlMillis == 0) {
      return ShardWriter.NO_EXPIRY;
    }
    long seconds =
        Math.ceilDiv(ttlMillis, MILLIS_PER_SECOND) + Math.ceilDiv(nowMillis, MILLIS_PER_SECOND);
    // What lies beyond the last second of u32, in 2106, has no other form.
    return seconds > LAST_SECOND ? ShardWriter.NO_EXPIRY : (int) seconds;
  }

  /** A dictionary learnt from values all over the runs; null where there is to be none. */
  static byte @Nullable [] dictionary(TableKind kind, int blockEntries, List<? extends Run> runs) {
    return kind == TableKind.BLK
        ? BlockDictionary.train(
            SortedRuns.sampleValues(runs, blockEntries, BlockDictionary.SAMPLE_BYTES))
        : null;
  }

  /**
   * Builds the file of one shard.
   *
   * @param rejections where rows go that are rejected as duplicates
   * @throws FeatureKvException CORRUPT, naming the shard, when what is read back from the file is
   *     not what the rows had made, less what was dropped on purpose
   */
  ShardOutcome build(int shard, Path target, Rejections rejections) {
    RowDrops drops = new RowDrops(spec.lastDuplicateWins(), spec.shards(), rejections);
    SortedRuns sorted = new SortedRuns(runs, drops);
    if (writers == null) {
      return walk(shard, sorted, drops, rejections, null);
    }
    ShardFileSpec file =
        new ShardFileSpec(
            new ShardFileId(spec.table(), spec.version(), shard),
            spec.shards(),
            spec.kind(),
            spec.mode());
    try (ShardWriter writer = writers.create(target, file, options(sorted.records(shard)))) {
      ShardOutcome walked = walk(shard, sorted, drops, rejections, writer);
      SealedShardFile sealed = writer.seal();
      prove(walked, sealed, writers.readBack(sealed, steps::readBack));
      return walked.sealed(sealed);
    }
  }

  // The class file of a record with a compact constructor does not say that the array may be null.
  @SuppressWarnings("NullAway")
  private ShardBuildOptions options(long records) {
    return new ShardBuildOptions(records, spec.blockEntries(), spec.dictionary());
  }

  private void prove(ShardOutcome built, SealedShardFile sealed, EntryTotals found) {
    EntryTotals expected = built.expected();
    OptionalLong said = sealed.manifest().entriesChecksum();
    boolean countsAgree =
        built.entries() + built.tombstones() == built.parsedRows() - built.droppedRows();
    if (!countsAgree
        || !found.equals(expected)
        || (said.isPresent() && said.getAsLong() != expected.checksum())) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          sealed.spec().id()
              + " is not what its rows made: shard "
              + sealed.spec().id().shard()
              + " had "
              + built.parsedRows()
              + " rows, of which "
              + built.droppedRows()
              + " were dropped on purpose; expected "
              + expected
              + ", read back "
              + found
              + " from a file that says "
              + sealed.manifest());
    }
  }

  private ShardOutcome walk(
      int shard,
      SortedRuns sorted,
      RowDrops drops,
      Rejections rejections,
      @Nullable ShardWriter writer) {
    EntryPlacing placing = new EntryPlacing(shard, drops, writer);
    long walked = 0;
    try (RecordCursor records = sorted.cursor(shard, spec.readMemoryBytes())) {
      while (records.next()) {
        placing.place(records);
        if (++walked % RECORDS_PER_REPORT == 0) {
          steps.built(RECORDS_PER_REPORT);
        }
      }
    }
    steps.built(walked % RECORDS_PER_REPORT);
    return new ShardOutcome(
        null,
        placing.entries,
        placing.deleted,
        isIncremental() ? placing.deleted : 0,
        placing.bytes,
        parsed.rows(shard),
        parsed.sum(shard),
        dropped.rows(shard) + drops.tallies().rows(shard),
        dropped.sum(shard) + drops.tallies().sum(shard),
        rejections.count(),
        rejections.first());
  }

  private boolean isIncremental() {
    return spec.mode() == UpdateMode.INCREMENTAL;
  }

  /** Gives the records of one shard to its writer and counts them. */
  private final class EntryPlacing {
    private final int shard;
    private final RowDrops drops;
    private final @Nullable ShardWriter writer;
    private final boolean byHash = spec.order() == EntryOrder.BY_HASH;
    private final byte[] scratch = new byte[Limits.MAX_KEY_BYTES];
    private long entries;
    private long deleted;
    private long bytes;

    EntryPlacing(int shard, RowDrops drops, @Nullable ShardWriter writer) {
      this.shard = shard;
      this.drops = drops;
      this.writer = writer;
    }

    void place(RecordCursor record) {
      if (!record.isDeletion()) {
        entries++;
        bytes += record.keyLength() + record.valueLength();
        put(record);
        return;
      }
      deleted++;
      if (!isIncremental()) {
        drops.drop(shard, record);
      } else if (writer != null) {
        writer.deleteNative(hash(record), record.keyAddress(), record.keyLength());
      }
    }

    private void put(RecordCursor record) {
      int expirySeconds = record.expirySeconds();
      if (expirySeconds == ShardWriter.NO_EXPIRY && ttlExpirySeconds != ShardWriter.NO_EXPIRY) {
        expirySeconds = ttlExpirySeconds;
        drops.expire(shard, record, expirySeconds);
      }
      if (writer != null) {
        writer.putNative(
            hash(record),
            record.keyAddress(),
            record.keyLength(),
            record.valueAddress(),
            record.valueLength(),
            expirySeconds);
      }
    }

    private long hash(RecordCursor record) {
      return byHash
          ? record.hash()
          : NativeKeyHash.of(record.keyAddress(), record.keyLength(), scratch);
    }
  }
}
