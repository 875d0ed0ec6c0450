package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * Reads a few entries of an open file both ways, in place and through LMDB, and compares. Every
 * page that LMDB will see is checked first, for LMDB trusts its pages and takes the JVM down with
 * it where they are damaged.
 */
final class LmdbProbe {
  /** Entries compared: the first, the last and some spread between. */
  private static final int SAMPLES = 8;

  /** One probe at a time, so that a process never has two environments on one file. */
  private static final Object ONE_AT_A_TIME = new Object();

  private final Path file;
  private final ShardFileContents contents;
  private final ShardReader reader;
  private final LmdbTree data;
  private final LmdbImage image;

  LmdbProbe(Path file, ShardFileContents contents, ShardReader reader) {
    this.file = file;
    this.contents = contents;
    this.reader = reader;
    this.data = contents.data();
    this.image = data.image();
  }

  void run() {
    try {
      List<Long> nodes = sampleNodes();
      for (long node : nodes) {
        data.checkPath(image.map(), image.keyOffset(node), image.keyLength(node));
        compareWithReader(node);
      }
      checkMainPath();
      synchronized (ONE_AT_A_TIME) {
        compareWithLmdb(nodes);
      }
    } catch (IndexOutOfBoundsException e) {
      throw image.corrupt(String.valueOf(e.getMessage()));
    } catch (LmdbException e) {
      throw image.corrupt("LMDB refuses it: " + e.getMessage());
    }
  }

  private List<Long> sampleNodes() {
    List<Long> nodes = new ArrayList<>();
    LmdbCursor cursor = new LmdbCursor(data);
    for (int i = 0; i < SAMPLES; i++) {
      if (cursor.fraction((double) i / (SAMPLES - 1))) {
        nodes.add(cursor.node());
      }
    }
    return nodes;
  }

  private void checkMainPath() {
    byte[] name = ShardFileFormat.dataDatabase();
    image.mainTree().checkPath(MemorySegment.ofArray(name), 0, name.length);
  }

  /** The first key of the record must be found, and be what a scan sees there. */
  private void compareWithReader(long node) {
    byte[] key = keyOf(node);
    KeyBatch batch = new KeyBatch(1);
    batch.reset(MemorySegment.ofArray(key));
    batch.add(0, key.length);
    try (LookupResult result = new LookupResult(1);
        EntryCursor cursor = reader.cursor()) {
      result.reset(1);
      reader.lookup(batch, new int[] {0}, 1, result);
      boolean isSame =
          cursor.seek(key)
              && MemorySegment.ofArray(key)
                      .mismatch(cursor.source().asSlice(cursor.keyOffset(), cursor.keyLength()))
                  == -1;
      switch (result.state(0)) {
        case LookupResult.FOUND ->
            isSame &=
                !cursor.isTombstone()
                    && MemorySegment.mismatch(
                            cursor.source(),
                            cursor.valueOffset(),
                            cursor.valueOffset() + cursor.valueLength(),
                            result.source(0),
                            result.offset(0),
                            result.offset(0) + result.length(0))
                        == -1;
        case LookupResult.DELETED -> isSame &= cursor.isTombstone();
        default -> isSame = false;
      }
      if (!isSame) {
        String reason = result.failure(0);
        throw image.corrupt(
            "a probe of the key at byte "
                + image.keyOffset(node)
                + (reason == null ? " gave another entry" : ": " + reason));
      }
    }
  }

  private void compareWithLmdb(List<Long> nodes) {
    NativeLibraries.prepare();
    try (Env<ByteBuffer> env =
            Env.create(ByteBufferProxy.PROXY_OPTIMAL)
                .setMaxDbs(1)
                .open(
                    file.toFile(),
                    EnvFlags.MDB_RDONLY_ENV,
                    EnvFlags.MDB_NOSUBDIR,
                    EnvFlags.MDB_NOLOCK,
                    EnvFlags.MDB_NOTLS,
                    EnvFlags.MDB_NORDAHEAD);
        Txn<ByteBuffer> txn = env.txnRead()) {
      Dbi<ByteBuffer> dbi = env.openDbi(txn, ShardFileFormat.dataDatabase(), null, false);
      if (dbi.stat(txn).entries != data.entries()) {
        throw image.corrupt(
            "expected " + data.entries() + " records, LMDB counts " + dbi.stat(txn).entries);
      }
      for (long node : nodes) {
        byte[] key = keyOf(node);
        ByteBuffer keyBuffer = ByteBuffer.allocateDirect(key.length).put(key).flip();
        compare(node, dbi.get(txn, keyBuffer));
      }
    }
  }

  private void compare(long node, @Nullable ByteBuffer fromLmdb) {
    ByteBuffer inPlace =
        image.map().asSlice(image.dataOffset(node), image.dataLength(node)).asByteBuffer();
    if (!inPlace.equals(fromLmdb)) {
      throw image.corrupt(
          "the record at byte "
              + node
              + " of "
              + contents.info().spec()
              + " reads differently through LMDB");
    }
  }

  private byte[] keyOf(long node) {
    return image
        .map()
        .asSlice(image.keyOffset(node), image.keyLength(node))
        .toArray(ValueLayout.JAVA_BYTE);
  }
}
