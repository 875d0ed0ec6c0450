package io.featurekv.bench.peer;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/** RocksDB's options and the native objects that they refer to. */
final class RocksSettings implements AutoCloseable {
  private static final int BLOOM_BITS = 10;
  private static final int DICTIONARY_BYTES = 16 << 10;
  private static final int DICTIONARY_TRAINING_BYTES = 100 * DICTIONARY_BYTES;

  private final Cache cache;
  private final BloomFilter filter = new BloomFilter(BLOOM_BITS, false);
  private final CompressionOptions compression = new CompressionOptions();
  private final Options options = new Options();

  RocksSettings(boolean isCompressed, long cacheBytes) {
    this.cache = new LRUCache(cacheBytes);
    compression
        .setLevel(3)
        .setMaxDictBytes(DICTIONARY_BYTES)
        .setZStdMaxTrainBytes(DICTIONARY_TRAINING_BYTES);
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setFilterPolicy(filter)
            .setBlockSize(4 << 10)
            .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
            .setFormatVersion(5);
    options
        .setCreateIfMissing(true)
        .setTableFormatConfig(table)
        .setUseDirectReads(!isCompressed)
        .setCompressionType(
            isCompressed ? CompressionType.ZSTD_COMPRESSION : CompressionType.NO_COMPRESSION);
    if (isCompressed) {
      options.setCompressionOptions(compression);
    }
  }

  Options options() {
    return options;
  }

  long cacheUsedBytes() {
    return cache.getUsage();
  }

  @Override
  public void close() {
    options.close();
    compression.close();
    filter.close();
    cache.close();
  }
}
