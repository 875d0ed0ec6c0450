package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowView;
import io.featurekv.protocol.BatchValues;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a batch found: for each key that was asked for, in the same order, a value, its absence, or
 * an error. Everything in it, absence included, is of one version and as of one time. Immutable.
 */
public final class BatchResult {
  private final String table;
  private final long version;
  private final long readTimeMillis;
  private final Answers answers;

  BatchResult(String table, long version, long readTimeMillis, Answers answers) {
    this.table = table;
    this.version = version;
    this.readTimeMillis = readTimeMillis;
    this.answers = answers;
  }

  /** The table that was read. */
  public String table() {
    return table;
  }

  /** The version that every answer here is of. */
  public long version() {
    return version;
  }

  /** The time by which entries had expired or not, in milliseconds since 1970. */
  public long readTimeMillis() {
    return readTimeMillis;
  }

  /** How many keys were asked for. */
  public int size() {
    return answers.keys().length;
  }

  /** A copy of a key that was asked for. */
  public byte[] key(int index) {
    return answers.keys()[index].clone();
  }

  /** What was found out about a key. */
  public KeyStatus status(int index) {
    return answers.status(index);
  }

  /** Length of a key's value; -1 unless the key is FOUND. */
  public int valueLength(int index) {
    return status(index) == KeyStatus.FOUND
        ? answers.reply(index).valueLength(answers.place(index))
        : -1;
  }

  /** A copy of a key's value, or null unless the key is FOUND. */
  public byte @Nullable [] value(int index) {
    int length = valueLength(index);
    if (length < 0) {
      return null;
    }
    byte[] copy = new byte[length];
    BatchValues reply = answers.reply(index);
    reply.buffer().get(reply.valueOffset(answers.place(index)), copy);
    return copy;
  }

  /**
   * A key's value without a copy, read-only, or null unless the key is FOUND. It keeps the whole
   * reply that it came in from being collected.
   */
  public @Nullable ByteBuffer valueBuffer(int index) {
    return status(index) == KeyStatus.FOUND
        ? answers.reply(index).value(answers.place(index)).asReadOnlyBuffer()
        : null;
  }

  /**
   * The columns of a key's row that were asked for, or null unless the key is FOUND. It keeps the
   * whole reply that it came in from being collected.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when the batch was read without columns, or the
   *     table has none; CORRUPT when what came is no row
   */
  public @Nullable RowView row(int index) {
    if (status(index) != KeyStatus.FOUND) {
      return null;
    }
    BatchValues reply = answers.reply(index);
    int place = answers.place(index);
    return new RowView(Answers.shapeOf(reply))
        .wrap(RowBytes.of(reply.buffer()), reply.valueOffset(place), reply.valueLength(place));
  }

  /** Whether {@link #row} has rows: columns were asked for, and the table has some. */
  public boolean hasRows() {
    return answers.haveRows();
  }

  /** A key's value as UTF-8 text, or null unless the key is FOUND. */
  public @Nullable String text(int index) {
    byte[] value = value(index);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /** Why a key FAILED, or null unless it did. */
  public @Nullable FeatureKvException error(int index) {
    return answers.error(index);
  }

  /** How many keys have this status. */
  public int count(KeyStatus wanted) {
    return answers.count(wanted);
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
        found.put(new String(answers.keys()[i], StandardCharsets.UTF_8), value);
      }
    }
    return found;
  }
}
