package io.featurekv.protocol;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a reply are: rows of these columns, or values as they are.
 *
 * <pre>
 * u16 n | n x (u8 type, u8 length, name)        n 0: values as they are
 * </pre>
 *
 * Types are {@link RowType#code()}; the rows are of version 0 of these columns, see {@link
 * RowSchema}.
 */
public final class RowShape {
  private static final int COUNT_BYTES = 2;
  private static final int COLUMN_OVERHEAD_BYTES = 2;

  private RowShape() {}

  /** The bytes of a shape; null: values as they are. */
  public static byte[] encode(@Nullable RowSchema shape) {
    List<RowColumn> columns = shape == null ? List.of() : shape.columns();
    int bytes = COUNT_BYTES;
    List<byte[]> names = new ArrayList<>(columns.size());
    for (RowColumn column : columns) {
      byte[] name = Fields.shortTextBytes(column.name(), "a column's name");
      names.add(name);
      bytes += COLUMN_OVERHEAD_BYTES + name.length;
    }
    ByteBuffer out = Fields.allocate(bytes).putShort((short) columns.size());
    for (int i = 0; i < names.size(); i++) {
      out.put((byte) columns.get(i).type().code());
      Fields.putShortText(out, names.get(i));
    }
    return Fields.filled(out);
  }

  /**
   * Checks the bytes of a shape from the position of {@code in} on, and goes past them.
   *
   * @return how many they are
   * @throws FeatureKvException PROTOCOL when they do not add up
   */
  static int skip(ByteBuffer in) {
    int from = in.position();
    int count = Fields.u16(in, "count of columns");
    for (int i = 0; i < count; i++) {
      Fields.u8(in, "type of a column");
      int length = Fields.u8(in, "name of a column");
      Fields.need(in, length, "name of a column");
      in.position(in.position() + length);
    }
    return in.position() - from;
  }

  /**
   * Reads what {@link #encode} wrote, from the position of {@code in} on.
   *
   * @throws FeatureKvException PROTOCOL when the bytes do not add up, or name a type that is not
   *     known here
   */
  public static @Nullable RowSchema decode(ByteBuffer in) {
    int count = Fields.u16(in, "count of columns");
    if (count > RowSchema.MAX_COLUMNS) {
      throw Fields.malformed(
          "a reply has " + count + " columns, at most " + RowSchema.MAX_COLUMNS + " can be");
    }
    List<RowColumn> columns = new ArrayList<>(count);
    try {
      for (int i = 0; i < count; i++) {
        int type = Fields.u8(in, "type of a column");
        String name = Fields.shortText(in, "name of a column");
        columns.add(new RowColumn(name, RowType.ofCode(type), true, null));
      }
      return count == 0 ? null : RowSchema.shape(columns);
    } catch (FeatureKvException e) {
      throw Fields.malformed("the columns of a reply: " + e.getMessage());
    }
  }
}
