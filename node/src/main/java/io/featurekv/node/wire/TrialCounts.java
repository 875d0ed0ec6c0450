package io.featurekv.node.wire;

import io.featurekv.metadata.CanaryCounts;
import java.nio.ByteBuffer;

/**
 * What one process has counted of one trial since it knows of it: {@code u8 n, table | u64 version
 * | u64 reads | u64 errors | u64 reads of the active version | u64 errors of the active version}.
 */
public record TrialCounts(String table, long version, CanaryCounts counts) {
  int encodedBytes() {
    return Fields.textBytes(table) + 5 * Long.BYTES;
  }

  void encode(ByteBuffer out) {
    Fields.putText(out, table);
    out.putLong(version)
        .putLong(counts.reads())
        .putLong(counts.errors())
        .putLong(counts.activeReads())
        .putLong(counts.activeErrors());
  }

  static TrialCounts decode(ByteBuffer in) {
    String table = Fields.getText(in);
    long version = in.getLong();
    return new TrialCounts(
        table, version, new CanaryCounts(in.getLong(), in.getLong(), in.getLong(), in.getLong()));
  }
}
