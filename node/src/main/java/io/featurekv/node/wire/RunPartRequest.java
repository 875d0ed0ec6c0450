package io.featurekv.node.wire;

import io.featurekv.model.ShardFileId;
import java.nio.ByteBuffer;

/**
 * Body of GET_RUN_PART: {@code u32 attempt | u64 version | u32 shard | u8 n, table | u32 split | u32
 * run | u64 offset | u32 length}. The reply, RUN_PART, is {@code u32 CRC32C of the bytes | bytes}.
 *
 * @param run number of the run among those of the split
 * @param offset in the run's file
 * @param length at most {@link #MAX_BYTES}
 */
public record RunPartRequest(
    ShardFileId id, int attempt, int split, int run, long offset, int length) {
  /** Most bytes of one reply. */
  public static final int MAX_BYTES = 1 << 20;

  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out =
        Fields.allocate(4 * Integer.BYTES + Long.BYTES + RunsRequest.Ids.bytes(id));
    out.putInt(attempt);
    RunsRequest.Ids.put(out, id);
    out.putInt(split).putInt(run).putLong(offset).putInt(length);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static RunPartRequest decode(ByteBuffer body) {
    return Fields.decode(
        "GET_RUN_PART",
        body,
        in -> {
          int attempt = in.getInt();
          ShardFileId id = RunsRequest.Ids.get(in);
          int split = in.getInt();
          int run = in.getInt();
          long offset = in.getLong();
          return new RunPartRequest(id, attempt, split, run, offset, in.getInt());
        });
  }
}
