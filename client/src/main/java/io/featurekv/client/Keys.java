package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys are bytes, 1 to {@link Limits#MAX_KEY_BYTES} of them; mostly they are the UTF-8 of a text.
 */
public final class Keys {
  private Keys() {}

  /** The UTF-8 of a text. */
  public static byte[] utf8(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  /** The UTF-8 of several texts, in their order. */
  public static List<byte[]> utf8(List<String> keys) {
    List<byte[]> encoded = new ArrayList<>(keys.size());
    for (String key : keys) {
      encoded.add(utf8(key));
    }
    return encoded;
  }

  static void check(List<byte[]> keys) {
    for (int i = 0; i < keys.size(); i++) {
      int length = keys.get(i).length;
      if (length == 0) {
        throw new FeatureKvException(
            ErrorCode.INVALID_ARGUMENT, "key " + i + " is empty, a key has 1 byte at least");
      }
      if (length > Limits.MAX_KEY_BYTES) {
        throw new FeatureKvException(
            ErrorCode.TOO_LARGE,
            "key %d has %d bytes, at most %d are allowed"
                .formatted(i, length, Limits.MAX_KEY_BYTES));
      }
    }
  }
}
