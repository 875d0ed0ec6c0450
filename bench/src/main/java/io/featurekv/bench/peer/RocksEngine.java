package io.featurekv.bench.peer;

import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.Layout;
import io.featurekv.bench.engine.Engine;
import io.featurekv.bench.engine.OrderedStore;
import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * RocksDB: table files written in key order and ingested by moving them; opened read-only, read by
 * multiGetAsList. Bloom filter of 10 bits, blocks of 4 KB, hash index in the blocks.
 *
 * @param isCompressed by zstd level 3 with dictionaries of 16 KB
 * @param cacheBytes of the block cache. Where it holds the whole of the data, uncompressed, reads
 *     go past the page cache, so that data is not in memory twice; compressed blocks stay there
 */
public record RocksEngine(String name, boolean isCompressed, long cacheBytes) implements Engine {
  private static final long TABLE_FILE_BYTES = 256L << 20;

  static {
    RocksDB.loadLibrary();
  }

  @Override
  public Layout layout() {
    return new Layout(1, EntryOrder.BY_KEY);
  }

  @Override
  public void build(Path directory, EntrySource source) throws IOException {
    try (RocksSettings settings = new RocksSettings(isCompressed, cacheBytes);
        TableFiles files = new TableFiles(directory, settings)) {
      source.feed(0, files::put);
      files.finish();
      try (RocksDB database = RocksDB.open(settings.options(), directory.toString());
          IngestExternalFileOptions ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
        database.ingestExternalFile(files.paths(), ingest);
      }
    } catch (RocksDBException | RocksFailure e) {
      throw new IOException(directory + ": RocksDB could not build: " + e.getMessage(), e);
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // The store closes the database and its settings.
  public OrderedStore open(Path directory) throws IOException {
    RocksSettings settings = new RocksSettings(isCompressed, cacheBytes);
    try {
      return new RocksStore(
          name, RocksDB.openReadOnly(settings.options(), directory.toString()), settings);
    } catch (RocksDBException e) {
      settings.close();
      throw new IOException(directory + ": RocksDB could not open: " + e.getMessage(), e);
    }
  }

  /** A failure inside a feed of entries, which cannot throw RocksDB's own. */
  static final class RocksFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RocksFailure(RocksDBException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Table files of bounded size, one after the other. */
  private static final class TableFiles implements AutoCloseable {
    private final Path directory;
    private final RocksSettings settings;
    private final EnvOptions environment = new EnvOptions();
    private final SstFileWriter writer;
    private final List<String> paths = new ArrayList<>();
    private long fileBytes;

    TableFiles(Path directory, RocksSettings settings) {
      this.directory = directory;
      this.settings = settings;
      this.writer = new SstFileWriter(environment, this.settings.options());
    }

    void put(byte[] key, int keyLength, byte[] value, int valueLength) {
      try {
        if (fileBytes == 0) {
          Path path = directory.resolve("ingest-" + paths.size() + ".sst");
          paths.add(path.toString());
          writer.open(path.toString());
        }
        writer.put(Arrays.copyOf(key, keyLength), Arrays.copyOf(value, valueLength));
        fileBytes += keyLength + valueLength;
        if (fileBytes >= TABLE_FILE_BYTES) {
          finish();
        }
      } catch (RocksDBException e) {
        throw new RocksFailure(e);
      }
    }

    void finish() throws RocksDBException {
      if (fileBytes > 0) {
        writer.finish();
        fileBytes = 0;
      }
    }

    List<String> paths() {
      return paths;
    }

    @Override
    public void close() {
      writer.close();
      environment.close();
    }
  }
}
