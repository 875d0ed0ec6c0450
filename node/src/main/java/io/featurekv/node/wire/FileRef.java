package io.featurekv.node.wire;

import io.featurekv.model.ShardFileId;
import java.nio.ByteBuffer;

/**
 * A shard file id on the wire: {@code u64 version | u32 shard | u8 n, table}. Body of GET_PIECES
 * and COMMIT_FILE.
 */
public final class FileRef {
  private FileRef() {}

  /** Length of the encoding. */
  static int bytes(ShardFileId id) {
    return Long.BYTES + Integer.BYTES + Fields.textBytes(id.table());
  }

  static void put(ByteBuffer out, ShardFileId id) {
    out.putLong(id.version());
    out.putInt(id.shard());
    Fields.putText(out, id.table());
  }

  static ShardFileId get(ByteBuffer in) {
    long version = in.getLong();
    int shard = in.getInt();
    return new ShardFileId(Fields.getText(in), version, shard);
  }

  /** A body that is nothing but the id. */
  public static ByteBuffer encode(ShardFileId id) {
    ByteBuffer out = Fields.allocate(bytes(id));
    put(out, id);
    return out.flip();
  }

  /**
   * Reads what {@link #encode} wrote; names that are not valid are refused, so that paths can be
   * derived from it.
   */
  public static ShardFileId decode(ByteBuffer body) {
    return Fields.decode("a file reference", body, FileRef::get);
  }
}
