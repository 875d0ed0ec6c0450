package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.TableKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/** Reads whole files through LMDB and holds them against the reading in place and the model. */
final class LmdbAgreement {
  private LmdbAgreement() {}

  /** Compares every record of every database; returns how many there are. */
  static long assertAgrees(Path path, ShardFileInfo info, SortedMap<byte[], ModelChain.Item> items)
      throws IOException {
    NativeLibraries.prepare();
    long records = 0;
    try (FileChannel channel = FileChannel.open(path);
        Arena arena = Arena.ofConfined();
        Env<ByteBuffer> env =
            Env.create()
                .setMaxDbs(8)
                .open(
                    path.toFile(),
                    EnvFlags.MDB_RDONLY_ENV,
                    EnvFlags.MDB_NOSUBDIR,
                    EnvFlags.MDB_NOLOCK);
        Txn<ByteBuffer> txn = env.txnRead()) {
      LmdbImage image =
          LmdbImage.of(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      for (String name : ShardDatabases.of(info)) {
        Dbi<ByteBuffer> dbi = env.openDbi(txn, TestShards.bytes(name), null, false);
        LmdbTree tree = image.namedTree(name);
        assertThat(dbi.stat(txn).entries).as(name).isEqualTo(tree.entries());
        records += assertSameRecords(txn, dbi, tree);
        if (info.spec().kind() == TableKind.IDX && name.equals(ShardFileFormat.DATA)) {
          records += assertHolds(txn, dbi, items);
        }
      }
    }
    return records;
  }

  private static long assertSameRecords(Txn<ByteBuffer> txn, Dbi<ByteBuffer> dbi, LmdbTree tree) {
    LmdbImage image = tree.image();
    LmdbCursor cursor = new LmdbCursor(tree);
    boolean has = cursor.first();
    long count = 0;
    try (CursorIterable<ByteBuffer> records = dbi.iterate(txn)) {
      for (CursorIterable.KeyVal<ByteBuffer> record : records) {
        assertThat(has).isTrue();
        long node = cursor.node();
        MemorySegment key = image.map().asSlice(image.keyOffset(node), image.keyLength(node));
        MemorySegment data = image.map().asSlice(image.dataOffset(node), image.dataLength(node));
        assertThat(MemorySegment.ofBuffer(record.key()).mismatch(key)).isEqualTo(-1);
        assertThat(MemorySegment.ofBuffer(record.val()).mismatch(data)).isEqualTo(-1);
        has = cursor.next();
        count++;
      }
    }
    assertThat(has).isFalse();
    assertThat(count).isEqualTo(tree.entries());
    return count;
  }

  private static long assertHolds(
      Txn<ByteBuffer> txn, Dbi<ByteBuffer> dbi, SortedMap<byte[], ModelChain.Item> items) {
    Iterator<Map.Entry<byte[], ModelChain.Item>> expected = items.entrySet().iterator();
    try (CursorIterable<ByteBuffer> records = dbi.iterate(txn)) {
      for (CursorIterable.KeyVal<ByteBuffer> record : records) {
        Map.Entry<byte[], ModelChain.Item> entry = expected.next();
        assertThat(bytesOf(record.key())).isEqualTo(entry.getKey());
        assertData(record.val().order(ByteOrder.LITTLE_ENDIAN), entry.getValue());
      }
    }
    assertThat(expected.hasNext()).isFalse();
    return items.size();
  }

  /** Says in its own words what stands in {@code data} of kind idx. */
  private static void assertData(ByteBuffer data, ModelChain.Item item) {
    byte flags = data.get();
    if (item.value() == null) {
      assertThat(flags).isEqualTo((byte) 1);
      assertThat(data.hasRemaining()).isFalse();
      return;
    }
    assertThat(flags).isEqualTo((byte) (item.expiry() == 0 ? 0 : 2));
    if (flags == 2) {
      assertThat(data.getInt()).isEqualTo(item.expiry());
    }
    assertThat(bytesOf(data)).isEqualTo(item.value());
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
