package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns that a request asks for.
 *
 * <pre>
 * u16 n | n x (u8 length, name)        n 0: all
 * </pre>
 */
public final class ColumnNames {
  private static final int COUNT_BYTES = 2;

  private ColumnNames() {}

  /**
   * The bytes of some names.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when one is too long, or there are too many
   */
  public static byte[] encode(List<String> names) {
    checkCount(names.size());
    int bytes = COUNT_BYTES;
    List<byte[]> texts = new ArrayList<>(names.size());
    for (String name : names) {
      byte[] text = Fields.shortTextBytes(name, "a column's name");
      checkLength(text.length);
      texts.add(text);
      bytes += 1 + text.length;
    }
    ByteBuffer out = Fields.allocate(bytes).putShort((short) names.size());
    texts.forEach(text -> Fields.putShortText(out, text));
    return Fields.filled(out);
  }

  /**
   * Reads what {@link #encode} wrote, from the position of {@code in} on.
   *
   * @throws FeatureKvException PROTOCOL when the bytes do not add up, INVALID_ARGUMENT when a name
   *     is too long, or there are too many
   */
  public static List<String> decode(ByteBuffer in) {
    int count = checkCount(Fields.u16(in, "count of columns"));
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String name = Fields.shortText(in, "name of a column");
      checkLength(name.length());
      names.add(name);
    }
    return names;
  }

  private static int checkCount(int count) {
    if (count > RowSchema.MAX_COLUMNS) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          count + " columns are asked for, at most " + RowSchema.MAX_COLUMNS + " can be");
    }
    return count;
  }

  private static void checkLength(int length) {
    if (length < 1 || length > RowColumn.MAX_NAME_BYTES) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a column's name of %d bytes: expected 1 to %d"
              .formatted(length, RowColumn.MAX_NAME_BYTES));
    }
  }
}
