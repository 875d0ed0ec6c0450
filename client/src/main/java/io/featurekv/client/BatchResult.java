package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a batch found: for each key that was asked for, in the same order, a value, its absence, or
 * an error. Everything in it, absence included, is of one version. Immutable.
 */
public final class BatchResult {
  private final String table;
  private final long version;
  private final List<byte[]> keys;
  // Per key: a value, an error, or neither, which is ABSENT.
  private final @Nullable ByteBuffer[] values;
  private final @Nullable FeatureKvException[] errors;

  BatchResult(
      String table,
      long version,
      List<byte[]> keys,
      @Nullable ByteBuffer[] values,
      @Nullable FeatureKvException[] errors) {
    this.table = table;
    this.version = version;
    this.keys = keys;
    this.values = values;
    this.errors = errors;
  }

  /** The table that was read. */
  public String table() {
    return table;
  }

  /** The version that every answer here is of. */
  public long version() {
    return version;
  }

  /** How many keys were asked for. */
  public int size() {
    return keys.size();
  }

  /** A copy of a key that was asked for. */
  public byte[] key(int index) {
    return keys.get(index).clone();
  }

  /** What was found out about a key. */
  public KeyStatus status(int index) {
    if (errors[index] != null) {
      return KeyStatus.FAILED;
    }
    return values[index] == null ? KeyStatus.ABSENT : KeyStatus.FOUND;
  }

  /** A copy of a key's value, or null unless the key is FOUND. */
  public byte @Nullable [] value(int index) {
    ByteBuffer value = values[index];
    if (value == null) {
      return null;
    }
    byte[] copy = new byte[value.remaining()];
    value.get(value.position(), copy);
    return copy;
  }

  /**
   * A key's value without a copy, read-only, or null unless the key is FOUND. It keeps the whole
   * reply that it came in from being collected.
   */
  public @Nullable ByteBuffer valueBuffer(int index) {
    ByteBuffer value = values[index];
    return value == null ? null : value.asReadOnlyBuffer();
  }

  /** A key's value as UTF-8 text, or null unless the key is FOUND. */
  public @Nullable String text(int index) {
    ByteBuffer value = values[index];
    return value == null ? null : StandardCharsets.UTF_8.decode(value.duplicate()).toString();
  }

  /** Why a key FAILED, or null unless it did. */
  public @Nullable FeatureKvException error(int index) {
    return errors[index];
  }

  /** How many keys have this status. */
  public int count(KeyStatus wanted) {
    int count = 0;
    for (int i = 0; i < size(); i++) {
      if (status(i) == wanted) {
        count++;
      }
    }
    return count;
  }

  /** The FOUND keys and copies of their values, in the order of the keys. */
  public Map<ByteBuffer, byte[]> found() {
    Map<ByteBuffer, byte[]> found = new LinkedHashMap<>();
    for (int i = 0; i < size(); i++) {
      byte[] value = value(i);
      if (value != null) {
        found.put(ByteBuffer.wrap(key(i)).asReadOnlyBuffer(), value);
      }
    }
    return found;
  }

  /** The FOUND keys and their values as UTF-8 texts, in the order of the keys. */
  public Map<String, String> foundTexts() {
    Map<String, String> found = new LinkedHashMap<>();
    for (int i = 0; i < size(); i++) {
      String value = text(i);
      if (value != null) {
        found.put(new String(keys.get(i), StandardCharsets.UTF_8), value);
      }
    }
    return found;
  }
}
