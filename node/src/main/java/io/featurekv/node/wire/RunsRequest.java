package io.featurekv.node.wire;

import io.featurekv.model.ShardFileId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of GET_RUNS: {@code u32 attempt | u64 version | u32 shard | u8 n, table | u32 count | count x
 * u32 split}.
 *
 * @param id the shard that is built
 * @param attempt the task's
 * @param splits whose runs are asked for
 */
public record RunsRequest(ShardFileId id, int attempt, List<Integer> splits) {
  public RunsRequest {
    splits = List.copyOf(splits);
  }

  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out =
        Fields.allocate(
            Integer.BYTES + Ids.bytes(id) + Integer.BYTES + splits.size() * Integer.BYTES);
    out.putInt(attempt);
    Ids.put(out, id);
    out.putInt(splits.size());
    splits.forEach(out::putInt);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static RunsRequest decode(ByteBuffer body) {
    return Fields.decode(
        "GET_RUNS",
        body,
        in -> {
          int attempt = in.getInt();
          ShardFileId id = Ids.get(in);
          int count = in.getInt();
          if (count != in.remaining() / Integer.BYTES) {
            throw new IllegalArgumentException("count " + count);
          }
          List<Integer> splits = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            splits.add(in.getInt());
          }
          return new RunsRequest(id, attempt, splits);
        });
  }

  /** A shard on the wire: {@code u64 version | u32 shard | u8 n, table}. */
  static final class Ids {
    private Ids() {}

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
  }
}
