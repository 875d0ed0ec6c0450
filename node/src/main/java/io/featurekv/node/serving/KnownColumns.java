package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowProjection;
import io.featurekv.model.RowSchema;
import io.featurekv.protocol.ColumnNames;
import io.featurekv.protocol.RowShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns what requests ask for into projections, without an allocation for what was asked for
 * lately: there are few lists of columns, and many requests for each. One thread.
 */
final class KnownColumns {
  private static final int SLOTS = 64;

  private final @Nullable Known[] known = new Known[SLOTS];

  private record Known(@Nullable RowSchema schema, ValueForm.Columns columns) {}

  /**
   * The columns that a request asks for.
   *
   * @param table for messages
   * @param schema the table's; null: it has none
   * @param offset absolute index in the buffer of the bytes of {@link ColumnNames}, which go on to
   *     its limit
   * @throws FeatureKvException PROTOCOL when the bytes do not add up, INVALID_ARGUMENT when the
   *     table has no such column
   */
  ValueForm.Columns of(String table, @Nullable RowSchema schema, ByteBuffer body, int offset) {
    int length = body.limit() - offset;
    int slot = hash(body, offset, length) & (SLOTS - 1);
    Known last = known[slot];
    if (last == null || !isOf(last, schema, body, offset, length)) {
      byte[] names = new byte[length];
      body.get(offset, names);
      last = new Known(schema, of(table, schema, names));
      known[slot] = last;
    }
    return last.columns();
  }

  private static int hash(ByteBuffer body, int offset, int length) {
    int hash = length;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + body.get(offset + i);
    }
    return hash ^ (hash >>> 16);
  }

  @SuppressWarnings("ReferenceEquality") // A schema lives as long as its table does not change.
  private static boolean isOf(
      Known known, @Nullable RowSchema schema, ByteBuffer body, int offset, int length) {
    byte[] names = known.columns().names();
    if (known.schema() != schema || names.length != length) {
      return false;
    }
    int same = 0;
    while (same < length && body.get(offset + same) == names[same]) {
      same++;
    }
    return same == length;
  }

  /**
   * The columns of these names.
   *
   * @throws FeatureKvException as {@link #of(String, RowSchema, ByteBuffer, int)}
   */
  static ValueForm.Columns of(String table, @Nullable RowSchema schema, byte[] names) {
    ByteBuffer in = ByteBuffer.wrap(names).order(ByteOrder.LITTLE_ENDIAN);
    List<String> wanted = ColumnNames.decode(in);
    if (in.hasRemaining()) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL,
          "columns are followed by " + in.remaining() + " bytes that do not belong");
    }
    if (schema == null && !wanted.isEmpty()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "table '"
              + table
              + "' has no columns: its values are bytes, and are read without naming any");
    }
    if (schema == null) {
      return new ValueForm.Columns(null, names, RowShape.encode(null));
    }
    RowProjection projection = RowProjection.of(schema, schema.indexesOf(table, wanted));
    return new ValueForm.Columns(projection, names, RowShape.encode(projection.shape()));
  }
}
