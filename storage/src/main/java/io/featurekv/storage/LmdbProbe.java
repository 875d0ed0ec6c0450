package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
 * Reads a few records of a file both ways, in place and through LMDB, and compares. Every page that
 * LMDB will see is checked first, for LMDB trusts its pages and takes the JVM down with it where
 * they are damaged.
 */
final class LmdbProbe {
  /** Records of a database that are compared: the first, the last and some between. */
  private static final int SAMPLES = 4;

  /** Of long records only the start is compared. */
  private static final int COMPARED_BYTES = 64 << 10;

  /** One probe at a time, so that a process never has two environments on one file. */
  private static final Object ONE_AT_A_TIME = new Object();

  private final Path file;
  private final LmdbImage image;
  private final List<String> names;

  LmdbProbe(Path file, LmdbImage image, List<String> names) {
    this.file = file;
    this.image = image;
    this.names = names;
  }

  void run() {
    List<List<Long>> samples = new ArrayList<>();
    for (String name : names) {
      byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
      image.mainTree().checkPath(MemorySegment.ofArray(bytes), 0, bytes.length);
      samples.add(sampleNodes(image.namedTree(name)));
    }
    try {
      synchronized (ONE_AT_A_TIME) {
        compareAll(samples);
      }
    } catch (LmdbException e) {
      throw image.corrupt("LMDB refuses it: " + e.getMessage());
    }
  }

  private List<Long> sampleNodes(LmdbTree tree) {
    List<Long> nodes = new ArrayList<>();
    LmdbCursor cursor = new LmdbCursor(tree);
    for (int i = 0; i < SAMPLES; i++) {
      if (cursor.fraction((double) i / (SAMPLES - 1))) {
        long node = cursor.node();
        tree.checkPath(image.map(), image.keyOffset(node), image.keyLength(node));
        nodes.add(node);
      }
    }
    return nodes;
  }

  private void compareAll(List<List<Long>> samples) {
    NativeLibraries.prepare();
    try (Env<ByteBuffer> env =
            Env.create(ByteBufferProxy.PROXY_OPTIMAL)
                .setMaxDbs(names.size())
                .open(
                    file.toFile(),
                    EnvFlags.MDB_RDONLY_ENV,
                    EnvFlags.MDB_NOSUBDIR,
                    EnvFlags.MDB_NOLOCK,
                    EnvFlags.MDB_NOTLS,
                    EnvFlags.MDB_NORDAHEAD);
        Txn<ByteBuffer> txn = env.txnRead()) {
      for (int i = 0; i < names.size(); i++) {
        byte[] name = names.get(i).getBytes(StandardCharsets.US_ASCII);
        Dbi<ByteBuffer> dbi = env.openDbi(txn, name, null, false);
        long expected = image.namedTree(names.get(i)).entries();
        if (dbi.stat(txn).entries != expected) {
          throw image.corrupt(
              "expected "
                  + expected
                  + " records of '"
                  + names.get(i)
                  + "', LMDB counts "
                  + dbi.stat(txn).entries);
        }
        for (long node : samples.get(i)) {
          byte[] key = keyOf(node);
          ByteBuffer keyBuffer = ByteBuffer.allocateDirect(key.length).put(key).flip();
          compare(node, dbi.get(txn, keyBuffer));
        }
      }
    }
  }

  private void compare(long node, @Nullable ByteBuffer fromLmdb) {
    int length = image.dataLength(node);
    int compared = Math.min(length, COMPARED_BYTES);
    boolean isSame =
        fromLmdb != null
            && fromLmdb.remaining() == length
            && image
                .map()
                .asSlice(image.dataOffset(node), compared)
                .asByteBuffer()
                .equals(fromLmdb.slice(fromLmdb.position(), compared));
    if (!isSame) {
      throw image.corrupt("the record at byte " + node + " reads differently through LMDB");
    }
  }

  private byte[] keyOf(long node) {
    return image
        .map()
        .asSlice(image.keyOffset(node), image.keyLength(node))
        .toArray(ValueLayout.JAVA_BYTE);
  }
}
