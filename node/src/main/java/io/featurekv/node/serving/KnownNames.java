package io.featurekv.node.serving;

import io.featurekv.model.Limits;
import io.featurekv.model.TableName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Turns bytes into table names, without an allocation for the name that came last. One thread. */
final class KnownNames {
  private byte[] lastBytes = new byte[0];
  private String lastName = "";

  /**
   * The name of these bytes.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when it is none
   */
  String of(ByteBuffer in, int offset, int length) {
    byte[] known = lastBytes;
    if (length == known.length) {
      int same = 0;
      while (same < length && in.get(offset + same) == known[same]) {
        same++;
      }
      if (same == length && length > 0) {
        return lastName;
      }
    }
    byte[] bytes = new byte[Math.min(length, Limits.MAX_KEY_BYTES)];
    in.get(offset, bytes);
    String name = TableName.checked("table", new String(bytes, StandardCharsets.UTF_8));
    lastBytes = Arrays.copyOf(bytes, bytes.length);
    lastName = name;
    return name;
  }
}
