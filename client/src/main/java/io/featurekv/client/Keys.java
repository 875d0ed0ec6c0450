package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * The arrays of a list of keys, each within its limits; the bytes are not copied.
   *
   * @throws FeatureKvException INVALID_ARGUMENT or TOO_LARGE when one is not, or they are too many
   */
  static byte[][] checked(List<byte[]> keys) {
    byte[][] own = keys.toArray(new byte[0][]);
    if (own.length > FeatureKvClient.MAX_KEYS) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a batch of %d keys, at most %d are allowed"
              .formatted(own.length, FeatureKvClient.MAX_KEYS));
    }
    for (int i = 0; i < own.length; i++) {
      int length = own[i].length;
      if (length == 0 || length > Limits.MAX_KEY_BYTES) {
        throw outsideLimits(i, length);
      }
    }
    return own;
  }

  private static FeatureKvException outsideLimits(int index, int length) {
    return length == 0
        ? new FeatureKvException(
            ErrorCode.INVALID_ARGUMENT, "key " + index + " is empty, a key has 1 byte at least")
        : new FeatureKvException(
            ErrorCode.TOO_LARGE,
            "key %d has %d bytes, at most %d are allowed"
                .formatted(index, length, Limits.MAX_KEY_BYTES));
  }

  /** What some keys take in a request, all of them where {@code wanted} is null. */
  static int requestBytes(byte[][] keys, int @Nullable [] wanted) {
    int count = wanted == null ? keys.length : wanted.length;
    int bytes = count * BatchGetRequest.KEY_OVERHEAD_BYTES;
    for (int i = 0; i < count; i++) {
      bytes += keys[wanted == null ? i : wanted[i]].length;
    }
    return bytes;
  }
}
