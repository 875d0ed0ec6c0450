package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the answers of one batch. Confined to the batch's network thread. */
final class Answers {
  private final List<byte[]> keys;
  private final @Nullable ByteBuffer[] values;
  private final @Nullable FeatureKvException[] errors;
  private final boolean[] answered;
  private int open;

  Answers(List<byte[]> keys) {
    this.keys = keys;
    values = new @Nullable ByteBuffer[keys.size()];
    errors = new @Nullable FeatureKvException[keys.size()];
    answered = new boolean[keys.size()];
    open = keys.size();
  }

  /** Forgets everything, for another version. */
  void clear() {
    Arrays.fill(values, null);
    Arrays.fill(errors, null);
    Arrays.fill(answered, false);
    open = keys.size();
  }

  void found(int key, ByteBuffer value) {
    if (close(key)) {
      values[key] = value;
    }
  }

  void absent(int key) {
    close(key);
  }

  void failed(int key, FeatureKvException error) {
    if (close(key)) {
      errors[key] = error;
    }
  }

  /** Gives every key that is still open the same error. */
  void failRest(FeatureKvException error) {
    for (int key = 0; key < answered.length; key++) {
      failed(key, error);
    }
  }

  private boolean close(int key) {
    if (answered[key]) {
      return false;
    }
    answered[key] = true;
    open--;
    return true;
  }

  boolean areComplete() {
    return open == 0;
  }

  /** The result; nothing is collected afterwards. */
  BatchResult toResult(String table, long version) {
    return new BatchResult(table, version, keys, values, errors);
  }
}
