package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowView;
import io.featurekv.protocol.BatchValues;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What a batch found, in the memory that it was received into: what {@link BatchResult} is, without
 * a copy and without an object per key. All integers are read little-endian.
 *
 * <p>Valid during the call of the {@link BatchReader} that it was handed to; afterwards every
 * method throws {@link IllegalStateException}. A buffer that {@link #value} returned must not be
 * used any more then, because its bytes are: that is not checked. Confined to the reader's thread.
 */
public final class BatchView {
  private final String table;
  private final long version;
  private final long readTimeMillis;
  private final Answers answers;
  private volatile boolean closed;

  // The reply that was looked into for a row last, and what looks at it.
  private @Nullable BatchValues rowReply;
  private @Nullable RowBytes rowBytes;
  private @Nullable RowView row;

  BatchView(String table, long version, long readTimeMillis, Answers answers) {
    this.table = table;
    this.version = version;
    this.readTimeMillis = readTimeMillis;
    this.answers = answers;
  }

  /** Ends its life. */
  void close() {
    closed = true;
  }

  private Answers answers() {
    if (closed) {
      throw new IllegalStateException(
          "a view of a batch is used after the call that it was valid for");
    }
    return answers;
  }

  /** The table that was read. */
  public String table() {
    answers();
    return table;
  }

  /** The version that every answer here is of. */
  public long version() {
    answers();
    return version;
  }

  /** The time by which entries had expired or not, in milliseconds since 1970. */
  public long readTimeMillis() {
    answers();
    return readTimeMillis;
  }

  /** How many keys were asked for. */
  public int size() {
    return answers().keys().length;
  }

  /** What was found out about a key. */
  public KeyStatus status(int index) {
    return answers().status(index);
  }

  /** Why a key FAILED, or null unless it did. */
  public @Nullable FeatureKvException error(int index) {
    return answers().error(index);
  }

  /** Length of a key's value; -1 unless the key is FOUND. */
  public int valueLength(int index) {
    return status(index) == KeyStatus.FOUND
        ? answers.reply(index).valueLength(answers.place(index))
        : -1;
  }

  /** A key's value where it lies, read-only and little-endian, or null unless the key is FOUND. */
  public @Nullable ByteBuffer value(int index) {
    return status(index) == KeyStatus.FOUND
        ? answers
            .reply(index)
            .value(answers.place(index))
            .asReadOnlyBuffer()
            .order(ByteOrder.LITTLE_ENDIAN)
        : null;
  }

  /**
   * Copies a key's value.
   *
   * @param target has room for {@link #valueLength} bytes from {@code at}
   * @return how many bytes it was; -1, and nothing is copied, unless the key is FOUND
   */
  public int copyValue(int index, byte[] target, int at) {
    if (status(index) != KeyStatus.FOUND) {
      return -1;
    }
    BatchValues reply = answers.reply(index);
    int place = answers.place(index);
    int length = reply.valueLength(place);
    reply.buffer().get(reply.valueOffset(place), target, at, length);
    return length;
  }

  /**
   * The columns of a key's row that were asked for, where they lie, or null unless the key is
   * FOUND. One view for all rows of a batch: valid until this is called again.
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
    RowView view = row;
    RowBytes bytes = rowBytes;
    if (view == null || bytes == null || rowReply != reply) {
      view = new RowView(Answers.shapeOf(reply));
      bytes = RowBytes.of(reply.buffer());
      row = view;
      rowBytes = bytes;
      rowReply = reply;
    }
    return view.wrap(bytes, reply.valueOffset(place), reply.valueLength(place));
  }

  /** Whether {@link #row} has rows: columns were asked for, and the table has some. */
  public boolean hasRows() {
    return answers().haveRows();
  }

  /** The i64 at an offset in the value of a FOUND key. */
  public long getLong(int index, int offset) {
    int at = at(index, offset, Long.BYTES);
    return answers.reply(index).buffer().getLong(at);
  }

  /** The i32 at an offset in the value of a FOUND key. */
  public int getInt(int index, int offset) {
    int at = at(index, offset, Integer.BYTES);
    return answers.reply(index).buffer().getInt(at);
  }

  /** The f32 at an offset in the value of a FOUND key. */
  public float getFloat(int index, int offset) {
    int at = at(index, offset, Float.BYTES);
    return answers.reply(index).buffer().getFloat(at);
  }

  private int at(int index, int offset, int bytes) {
    KeyStatus status = status(index);
    if (status != KeyStatus.FOUND) {
      throw new IllegalStateException("key " + index + " is " + status + " and has no value");
    }
    BatchValues reply = answers.reply(index);
    int place = answers.place(index);
    int length = reply.valueLength(place);
    if (offset < 0 || offset > length - bytes) {
      throw new IndexOutOfBoundsException(
          bytes + " bytes at " + offset + " of a value of " + length + " bytes, key " + index);
    }
    return reply.valueOffset(place) + offset;
  }
}
