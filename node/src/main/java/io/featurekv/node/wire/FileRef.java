package io.featurekv.node.wire;

import io.featurekv.model.ShardFileId;
import java.nio.ByteBuffer;

/**
 * A file key on the wire: {@code u64 version | u32 shard | u8 merged (0 or 1) | u8 n, table}. Body
 * of GET_PIECES, ASK_FILE and COMMIT_FILE.
 */
public final class FileRef {
  private FileRef() {}

  /** Length of the encoding. */
  static int bytes(FileKey key) {
    return Long.BYTES + Integer.BYTES + Byte.BYTES + Fields.textBytes(key.id().table());
  }

  static void put(ByteBuffer out, FileKey key) {
    out.putLong(key.id().version());
    out.putInt(key.id().shard());
    out.put((byte) (key.merged() ? 1 : 0));
    Fields.putText(out, key.id().table());
  }

  static FileKey get(ByteBuffer in) {
    long version = in.getLong();
    int shard = in.getInt();
    byte merged = in.get();
    if (merged != 0 && merged != 1) {
      throw new IllegalArgumentException("merged " + merged);
    }
    return new FileKey(new ShardFileId(Fields.getText(in), version, shard), merged == 1);
  }

  /** A body that is nothing but the key. */
  public static ByteBuffer encode(FileKey key) {
    ByteBuffer out = Fields.allocate(bytes(key));
    put(out, key);
    return out.flip();
  }

  /**
   * Reads what {@link #encode} wrote; names that are not valid are refused, so that paths can be
   * derived from it.
   */
  public static FileKey decode(ByteBuffer body) {
    return Fields.decode("a file reference", body, FileRef::get);
  }
}
