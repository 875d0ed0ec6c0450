package io.featurekv.bench.peer;

import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.Layout;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.Engine;
import io.featurekv.bench.engine.OrderedStore;
import io.featurekv.bench.engine.ScanReply;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.NativeLibraries;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * LMDB through lmdbjava: one environment, built by appending in key order without a sync until the
 * end; read in one read-only transaction a batch, through the buffers that share LMDB's memory.
 */
public final class LmdbEngine implements Engine {
  private static final long BYTES_PER_ENTRY = 200;
  private static final long SPARE_BYTES = 64 << 20;
  private static final int ENTRIES_PER_TRANSACTION = 500_000;
  private static final String DATABASE = "entries";

  @Override
  public String name() {
    return "lmdb";
  }

  @Override
  public Layout layout() {
    return new Layout(1, EntryOrder.BY_KEY);
  }

  @Override
  public void build(Path directory, EntrySource source) {
    NativeLibraries.prepare();
    long mapBytes = source.count(0) * BYTES_PER_ENTRY + SPARE_BYTES;
    try (Env<ByteBuffer> env =
            Env.create()
                .setMapSize(mapBytes)
                .setMaxDbs(1)
                .open(directory.toFile(), EnvFlags.MDB_NOSYNC);
        Appender appender = new Appender(env)) {
      source.feed(0, appender::put);
      appender.commit();
      env.sync(true);
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // The store closes the environment.
  public OrderedStore open(Path directory) {
    NativeLibraries.prepare();
    return new OpenLmdb(
        Env.create()
            .setMaxDbs(1)
            .open(directory.toFile(), EnvFlags.MDB_RDONLY_ENV, EnvFlags.MDB_NOTLS));
  }

  /** Appends in transactions of bounded size. */
  private static final class Appender implements AutoCloseable {
    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> dbi;
    private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(StandardKeys.KEY_BYTES);
    private final ByteBuffer valueBuffer = ByteBuffer.allocateDirect(ValueShape.MAX_BYTES);
    private Txn<ByteBuffer> transaction;
    private int inTransaction;

    Appender(Env<ByteBuffer> env) {
      this.env = env;
      this.dbi = env.openDbi(DATABASE, DbiFlags.MDB_CREATE);
      this.transaction = env.txnWrite();
    }

    void put(byte[] key, int keyLength, byte[] value, int valueLength) {
      keyBuffer.clear().put(key, 0, keyLength).flip();
      valueBuffer.clear().put(value, 0, valueLength).flip();
      dbi.put(transaction, keyBuffer, valueBuffer, PutFlags.MDB_APPEND);
      if (++inTransaction == ENTRIES_PER_TRANSACTION) {
        commit();
        transaction = env.txnWrite();
        inTransaction = 0;
      }
    }

    void commit() {
      transaction.commit();
      transaction.close();
    }

    @Override
    public void close() {
      transaction.close();
    }
  }

  private static final class OpenLmdb implements OrderedStore {
    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> dbi;
    private final Txn<ByteBuffer> transaction;
    private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(StandardKeys.KEY_BYTES);

    OpenLmdb(Env<ByteBuffer> env) {
      this.env = env;
      this.dbi = env.openDbi(DATABASE);
      this.transaction = env.txnRead();
      transaction.reset();
    }

    @Override
    public String name() {
      return "lmdb";
    }

    @Override
    public void get(RequestBatch batch, Reply reply) {
      transaction.renew();
      for (int i = 0; i < batch.size(); i++) {
        keyBuffer.clear().put(batch.keyArrays().get(i)).flip();
        ByteBuffer value = dbi.get(transaction, keyBuffer);
        if (value == null) {
          reply.absent(i);
        } else {
          reply.found(i, value);
        }
      }
      transaction.reset();
    }

    @Override
    public long scan(byte @Nullable [] from, long maxEntries, ScanReply reply) {
      transaction.renew();
      long taken = 0;
      try (Cursor<ByteBuffer> cursor = dbi.openCursor(transaction)) {
        boolean isThere;
        if (from == null) {
          isThere = cursor.first();
        } else {
          keyBuffer.clear().put(from).flip();
          isThere = cursor.get(keyBuffer, GetOp.MDB_SET_RANGE);
        }
        while (isThere) {
          reply.add(cursor.key(), cursor.val());
          taken++;
          isThere = taken < maxEntries && cursor.next();
        }
      }
      transaction.reset();
      return taken;
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {
      transaction.close();
      env.close();
    }
  }
}
