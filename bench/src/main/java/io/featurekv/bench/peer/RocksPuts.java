package io.featurekv.bench.peer;

import io.featurekv.bench.data.RowFeed;
import io.featurekv.bench.engine.BulkBuild;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.report.Stages;
import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.VectorMemTableConfig;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB as its manual says to load in bulk: batches of puts without a log into vectors that are
 * sorted when they are flushed, nothing compacted meanwhile, everything at the end.
 */
public final class RocksPuts implements BulkBuild {
  private static final long CACHE_BYTES = 64L << 20;
  private static final long WRITE_BUFFER_BYTES = 256L << 20;
  private static final int BATCH_ENTRIES = 512;

  static {
    RocksDB.loadLibrary();
  }

  @Override
  public String name() {
    return "rocksdb-unsorted";
  }

  @Override
  public String description() {
    return "RocksDB: unsorted puts in batches of "
        + BATCH_ENTRIES
        + ", no log, vector memtables of 256 MiB, prepareForBulkLoad, one compaction at the end";
  }

  @Override
  public void build(Path directory, RowFeed rows, Stages stages) throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    try (RocksSettings settings = new RocksSettings(false, CACHE_BYTES)) {
      settings
          .options()
          .setIncreaseParallelism(cores)
          .prepareForBulkLoad()
          .setUseDirectReads(false)
          .setMemTableConfig(new VectorMemTableConfig())
          .setAllowConcurrentMemtableWrite(false)
          .setWriteBufferSize(WRITE_BUFFER_BYTES);
      try (RocksDB database = RocksDB.open(settings.options(), directory.toString());
          Batches batches = new Batches(database)) {
        rows.feed(batches::put);
        batches.write();
        stages.end("put");
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
          database.flush(flush);
        }
        stages.end("flush");
        try (CompactRangeOptions compaction =
            new CompactRangeOptions().setMaxSubcompactions(cores)) {
          database.compactRange(null, null, null, compaction);
        }
      }
      stages.end("compact");
    } catch (RocksDBException e) {
      throw new IOException(directory + ": RocksDB could not build: " + e.getMessage(), e);
    }
  }

  @Override
  public Store open(Path directory) throws IOException {
    return new RocksEngine(name(), false, CACHE_BYTES).open(directory);
  }

  /** Gathers puts; called by one thread at a time. */
  private static final class Batches implements AutoCloseable {
    private final RocksDB database;
    private final WriteOptions options = new WriteOptions().setDisableWAL(true);
    private final WriteBatch batch = new WriteBatch();

    Batches(RocksDB database) {
      this.database = database;
    }

    void put(byte[] key, byte[] value) throws IOException {
      try {
        batch.put(key, value);
        if (batch.count() >= BATCH_ENTRIES) {
          write();
        }
      } catch (RocksDBException e) {
        throw new IOException("RocksDB could not put: " + e.getMessage(), e);
      }
    }

    void write() throws RocksDBException {
      database.write(options, batch);
      batch.clear();
    }

    @Override
    public void close() {
      batch.close();
      options.close();
    }
  }
}
