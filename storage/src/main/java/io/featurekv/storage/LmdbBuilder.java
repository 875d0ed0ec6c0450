package io.featurekv.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * Appends ascending entries to a new LMDB environment in one file. One thread, no lock file, no
 * WRITEMAP (a full disk would be SIGBUS), no sync: whoever seals the file forces it once.
 *
 * <p>Commits in batches, so that the pages that LMDB keeps in memory stay few; the map grows
 * between batches.
 */
final class LmdbBuilder implements AutoCloseable {
  private static final long BATCH_BYTES = 16L << 20;
  private static final long FIRST_MAP_BYTES = 64L << 20;

  /** Room for the trees of names, of free pages, of the way to the last leaf. */
  private static final long SPARE_BYTES = 4L << 20;

  private static final int FILE_MODE = 0644;

  private final Path file;
  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> data;
  private final Dbi<ByteBuffer> info;
  private final int pageSize;
  private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(512);
  private long mapBytes = FIRST_MAP_BYTES;
  private @Nullable Batch batch;
  private boolean isClosed;

  /** An open write transaction and what it may have used. */
  private static final class Batch {
    final Txn<ByteBuffer> txn;
    final Cursor<ByteBuffer> cursor;
    long bytes;

    Batch(Txn<ByteBuffer> txn, Cursor<ByteBuffer> cursor) {
      this.txn = txn;
      this.cursor = cursor;
    }
  }

  private LmdbBuilder(
      Path file, Env<ByteBuffer> env, Dbi<ByteBuffer> data, Dbi<ByteBuffer> info, int pageSize) {
    this.file = file;
    this.env = env;
    this.data = data;
    this.info = info;
    this.pageSize = pageSize;
  }

  /** Creates the file, which must not exist. */
  static LmdbBuilder create(Path file) {
    NativeLibraries.prepare();
    Env<ByteBuffer> env = null;
    try {
      env =
          Env.create(ByteBufferProxy.PROXY_OPTIMAL)
              .setMapSize(FIRST_MAP_BYTES)
              .setMaxDbs(2)
              .open(
                  file.toFile(),
                  FILE_MODE,
                  EnvFlags.MDB_NOSUBDIR,
                  EnvFlags.MDB_NOLOCK,
                  EnvFlags.MDB_NOTLS,
                  EnvFlags.MDB_NOSYNC);
      Dbi<ByteBuffer> data = env.openDbi(ShardFileFormat.dataDatabase(), DbiFlags.MDB_CREATE);
      Dbi<ByteBuffer> info = env.openDbi(ShardFileFormat.infoDatabase(), DbiFlags.MDB_CREATE);
      return new LmdbBuilder(file, env, data, info, env.stat().pageSize);
    } catch (LmdbException e) {
      if (env != null) {
        env.close();
      }
      throw FileErrors.onWrite(file, e);
    }
  }

  /**
   * Appends a key and returns the place of its value, to be filled before the next call.
   *
   * @throws FeatureKvException NO_SPACE, INTERNAL
   */
  ByteBuffer append(byte[] key, int offset, int length, int valueLength) {
    long bytes = bytesOf(length, valueLength);
    try {
      if (batch != null && batch.bytes + bytes > BATCH_BYTES) {
        commit();
      }
      Batch open = batch == null ? begin(bytes) : batch;
      open.bytes += bytes;
      keyBuffer.clear().put(key, offset, length).flip();
      return open.cursor.reserve(keyBuffer, valueLength, PutFlags.MDB_APPEND);
    } catch (LmdbException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /**
   * Writes the info database and closes the environment; everything is in the file then, though not
   * forced.
   */
  void finish(Map<String, byte[]> infoEntries) {
    try {
      commit();
      long bytes = infoEntries.values().stream().mapToLong(v -> bytesOf(64, v.length)).sum();
      growMap(bytes);
      try (Txn<ByteBuffer> txn = env.txnWrite()) {
        for (Map.Entry<String, byte[]> entry : infoEntries.entrySet()) {
          keyBuffer.clear().put(entry.getKey().getBytes(UTF_8)).flip();
          byte[] value = entry.getValue();
          ByteBuffer valueBuffer = ByteBuffer.allocateDirect(value.length).put(value).flip();
          info.put(txn, keyBuffer, valueBuffer);
        }
        txn.commit();
      }
      close();
    } catch (LmdbException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /** Gives up what was not committed and closes LMDB. Idempotent; the file stays. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (batch != null) {
      batch.cursor.close();
      batch.txn.close();
      batch = null;
    }
    env.close();
  }

  private Batch begin(long firstBytes) {
    if (isClosed) {
      throw new FeatureKvException(ErrorCode.INTERNAL, file + " is not open for writing any more");
    }
    growMap(Math.max(firstBytes, BATCH_BYTES));
    Txn<ByteBuffer> txn = env.txnWrite();
    try {
      batch = new Batch(txn, data.openCursor(txn));
      return batch;
    } catch (LmdbException e) {
      txn.close();
      throw e;
    }
  }

  private void commit() {
    if (batch == null) {
      return;
    }
    Batch finished = batch;
    batch = null;
    finished.cursor.close();
    try (Txn<ByteBuffer> txn = finished.txn) {
      txn.commit();
    }
  }

  /** Leaves room for a batch twice over: pages are not always full. */
  private void growMap(long batchBytes) {
    long used = (env.info().lastPageNumber + 1) * pageSize;
    long needed = used + 2 * batchBytes + SPARE_BYTES;
    if (needed > mapBytes) {
      mapBytes = Long.highestOneBit(needed) << 1;
      env.setMapSize(mapBytes);
    }
  }

  /**
   * Bytes of pages that an entry takes: in its leaf, or in pages of its own once half a leaf is too
   * little.
   */
  private long bytesOf(int keyLength, int valueLength) {
    long inLeaf = 10L + keyLength + valueLength;
    if (inLeaf <= pageSize / 2 - 16) {
      return inLeaf;
    }
    long pages = (LmdbImage.PAGE_HEADER_BYTES + (long) valueLength + pageSize - 1) / pageSize;
    return pages * pageSize + keyLength + 18;
  }
}
