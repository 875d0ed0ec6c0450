package io.featurekv.loader;

import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.loader.sort.RowLocation;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.RowSource;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryChecksum;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads one split: rows become entries, each goes to its shard's tally and to the sort. */
final class SplitReading {
  private static final int ROWS_PER_REPORT = 1024;

  private final Split split;
  private final BuildInputs inputs;
  private final EntrySink sink;
  private final Rejections rejections;
  private final ReadProgress progress;
  private final EntryMapper mapper;
  private final int shards;
  private final long[] tallyRows;
  private final long[] tallySums;
  private final List<PartOutcome> parts = new ArrayList<>();
  private final long mostRejected;
  private String missing = "";
  private long rows;
  private long startedAt = -1;
  private long endedAt;

  /** Where entries go. */
  interface EntrySink {
    /** Takes an entry, or a deletion; the arrays are good until it returns. */
    void add(long hash, long location, EntryMapper entry) throws InterruptedException;
  }

  /** Hears how reading goes; throws when it is to stop. */
  interface ReadProgress {
    /** So many more rows and input bytes were read. */
    void read(long rows, long bytes);
  }

  /**
   * A reading that has not begun.
   *
   * @param mostRejected more rejected rows than these end it
   */
  SplitReading(
      Split split,
      BuildInputs inputs,
      int shards,
      EntrySink sink,
      Rejections rejections,
      long mostRejected,
      ReadProgress progress) {
    this.split = split;
    this.inputs = inputs;
    this.sink = sink;
    this.rejections = rejections;
    this.mostRejected = mostRejected;
    this.progress = progress;
    this.mapper = new EntryMapper(inputs.shape());
    this.shards = shards;
    this.tallyRows = new long[shards];
    this.tallySums = new long[shards];
  }

  /**
   * Reads to the end, or until {@link #isHopeless}.
   *
   * @throws FeatureKvException of the source, with {@link #startedAt} known where it was opened
   */
  void read() throws InterruptedException {
    for (int i = 0; i < split.parts().size() && !isHopeless(); i++) {
      Part part = part(i);
      try (RowSource source = inputs.open(part)) {
        if (i == 0) {
          startedAt = source.startedAt();
        }
        if (source.columns() != null) {
          mapper.check(source.columns(), source.name());
        }
        read(split.firstPart() + i, source);
        endedAt = source.endedAt();
      } catch (IOException e) {
        throw DiskFailure.of(inputs.name(part.input()) + " cannot be read", e);
      }
    }
  }

  /** A part behind another one of its input begins where that one ended. */
  private Part part(int i) {
    Part part = split.parts().get(i);
    boolean follows = i > 0 && split.parts().get(i - 1).input() == part.input();
    return follows ? part.from(endedAt) : part;
  }

  /** Whether it ended early because too many rows were rejected. */
  boolean isHopeless() {
    return rejections.count() > mostRejected;
  }

  /** Where it is hopeless: what the message says of a column that no row had, else empty. */
  String missing() {
    return missing;
  }

  private void read(int part, RowSource source) throws IOException, InterruptedException {
    boolean hasColumns = source.columns() != null;
    String lacking = "";
    long reportedRows = rows;
    long reportedBytes = 0;
    Row row = source.row();
    while (source.next()) {
      rows++;
      if (!hasColumns && row.fault() == null) {
        FeatureKvException missing = mapper.lacking(row.columns(), source.name());
        hasColumns = missing == null;
        if (missing != null && lacking.isEmpty()) {
          lacking = String.valueOf(missing.getMessage());
        }
      }
      String fault = mapper.map(row);
      if (fault == null) {
        add(RowLocation.of(part, row.number()));
      } else {
        rejections.add(part, row.number(), fault);
        if (isHopeless()) {
          missing = hasColumns ? "" : lacking;
          return;
        }
      }
      if (rows - reportedRows == ROWS_PER_REPORT) {
        long bytes = source.bytesRead();
        progress.read(rows - reportedRows, bytes - reportedBytes);
        reportedRows = rows;
        reportedBytes = bytes;
      }
    }
    progress.read(rows - reportedRows, source.bytesRead() - reportedBytes);
    parts.add(new PartOutcome(source.spanned(), hasColumns, hasColumns ? "" : lacking));
  }

  private void add(long location) throws InterruptedException {
    byte[] key = mapper.keyArray();
    int keyOffset = mapper.keyOffset();
    int keyLength = mapper.keyLength();
    long hash = KeyHash.of(key, keyOffset, keyLength);
    int shard = KeyHash.shardOf(hash, shards);
    tallyRows[shard]++;
    tallySums[shard] +=
        EntryChecksum.of(
            hash,
            key,
            keyOffset,
            keyLength,
            mapper.valueArray(),
            mapper.valueOffset(),
            mapper.isDelete() ? 0 : mapper.valueLength(),
            mapper.expirySeconds(),
            mapper.isDelete());
    sink.add(hash, location, mapper);
  }

  /** Rows read so far. */
  long rows() {
    return rows;
  }

  /** Where its first part really began; -1 where it was not opened. */
  long startedAt() {
    return startedAt;
  }

  long endedAt() {
    return endedAt;
  }

  ShardTallies parsed() {
    return ShardTallies.of(tallyRows, tallySums);
  }

  List<PartOutcome> parts() {
    return parts;
  }
}
