package io.featurekv.bench.peer;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.EntrySink;
import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.RowFeed;
import io.featurekv.bench.data.StagedSource;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.BulkBuild;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.report.Stages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * RocksDB: entries sorted in memory, where all of them have room, written to table files in that
 * order, which are ingested by moving them.
 */
public final class RocksTableFiles implements BulkBuild {
  private static final long CACHE_BYTES = 64L << 20;

  private final RocksEngine engine = new RocksEngine("rocksdb-sorted", false, CACHE_BYTES);

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public String description() {
    return "RocksDB: sorted in memory by radix sort, table files written in that order and ingested";
  }

  @Override
  public void build(Path directory, RowFeed rows, Stages stages) throws IOException {
    EntrySet set = EntrySet.plain(rows.count(), ValueShape.FIXED);
    try (StagedSource staged = new StagedSource(set, engine.layout())) {
      rows.feed((key, value) -> staged.append(key, key.length, value, value.length));
      stages.end("read");
      engine.build(directory, new Marking(staged, stages));
    }
    stages.end("write");
  }

  @Override
  public Store open(Path directory) throws IOException {
    return engine.open(directory);
  }

  /** Tells when the first entry comes: everything is sorted then. */
  private record Marking(StagedSource staged, Stages stages) implements EntrySource {
    @Override
    public int count(int part) {
      return staged.count(part);
    }

    @Override
    public void feed(int part, EntrySink sink) {
      boolean[] isSorted = {false};
      staged.feed(
          part,
          (key, keyLength, value, valueLength) -> {
            if (!isSorted[0]) {
              isSorted[0] = true;
              stages.end("sort");
            }
            sink.put(key, keyLength, value, valueLength);
          });
    }

    @Override
    public List<byte[]> neighbourSamples(int neighbours, int totalBytes) {
      return staged.neighbourSamples(neighbours, totalBytes);
    }
  }
}
