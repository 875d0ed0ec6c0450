package io.featurekv.bench.peer;

import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.OrderedStore;
import io.featurekv.bench.engine.ScanReply;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** An open RocksDB. */
final class RocksStore implements OrderedStore {
  private final String name;
  private final RocksDB database;
  private final RocksSettings settings;
  private final ReadOptions read = new ReadOptions().setVerifyChecksums(false);
  private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(StandardKeys.KEY_BYTES);
  private final ByteBuffer valueBuffer = ByteBuffer.allocateDirect(ValueShape.MAX_BYTES);

  RocksStore(String name, RocksDB database, RocksSettings settings) {
    this.name = name;
    this.database = database;
    this.settings = settings;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void get(RequestBatch batch, Reply reply) {
    List<byte @Nullable []> values;
    try {
      values = database.multiGetAsList(read, batch.keyArrays());
    } catch (RocksDBException e) {
      throw new IllegalStateException(name + ": a batch failed: " + e.getMessage(), e);
    }
    for (int i = 0; i < values.size(); i++) {
      byte[] value = values.get(i);
      if (value == null) {
        reply.absent(i);
      } else {
        reply.found(i, value);
      }
    }
  }

  @Override
  public long scan(byte @Nullable [] from, long maxEntries, ScanReply reply) {
    long taken = 0;
    try (RocksIterator iterator = database.newIterator(read)) {
      if (from == null) {
        iterator.seekToFirst();
      } else {
        iterator.seek(from);
      }
      while (taken < maxEntries && iterator.isValid()) {
        iterator.key(keyBuffer.clear());
        iterator.value(valueBuffer.clear());
        reply.add(keyBuffer, valueBuffer);
        taken++;
        iterator.next();
      }
      iterator.status();
    } catch (RocksDBException e) {
      throw new IllegalStateException(name + ": a scan failed: " + e.getMessage(), e);
    }
    return taken;
  }

  @Override
  public long memoryBytes() {
    try {
      return settings.cacheUsedBytes()
          + Long.parseLong(database.getProperty("rocksdb.estimate-table-readers-mem"));
    } catch (RocksDBException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    read.close();
    database.close();
    settings.close();
  }
}
