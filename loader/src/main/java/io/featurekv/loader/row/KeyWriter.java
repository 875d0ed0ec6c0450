package io.featurekv.loader.row;

import io.featurekv.model.Limits;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes keys: the bytes of the key columns, joined with the separator.
 *
 * <p>With several columns, a backslash goes before each backslash of a component, and before each
 * byte at which a reader would see the separator begin in the component followed by a separator
 * (for a separator of one byte: before each such byte). So no two lists of components have the same
 * key. A single column stands as it is.
 */
final class KeyWriter {
  private static final byte ESCAPE = '\\';

  private final EntryShape shape;
  private final byte[] separator;
  private final ByteSink component = new ByteSink();
  private final ByteSink text = new ByteSink();

  KeyWriter(EntryShape shape) {
    this.shape = shape;
    this.separator = shape.keySeparator().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes the key of a row.
   *
   * @param positions where the key columns stand in the row, -1 for one that is not there
   * @return null, or why the row has no key
   */
  @Nullable String write(Row row, int[] positions, ByteSink key) {
    key.reset();
    for (int i = 0; i < positions.length; i++) {
      ByteSink sink = positions.length == 1 ? key : component;
      sink.reset();
      String fault =
          positions[i] < 0
              ? "is missing; the row has the columns " + row.columns()
              : append(row, positions[i], sink);
      if (fault != null) {
        return "key column '" + shape.keyColumns().get(i) + "' " + fault;
      }
      if (positions.length > 1) {
        appendEscaped(key, i + 1 < positions.length);
      }
    }
    return lengthFault(key.length());
  }

  /** What is wrong with a key of this length; null where nothing is. */
  static @Nullable String lengthFault(int length) {
    if (length == 0) {
      return "the key is empty";
    }
    if (length > Limits.MAX_KEY_BYTES) {
      return "the key has "
          + length
          + " bytes, more than the "
          + Limits.MAX_KEY_BYTES
          + " that a key may have";
    }
    return null;
  }

  private @Nullable String append(Row row, int cell, ByteSink sink) {
    TextEncoding encoding = shape.keyEncoding();
    return switch (row.type(cell)) {
      case TEXT -> encoding.append(row.array(cell), row.offset(cell), row.length(cell), sink);
      case WHOLE, BIG_WHOLE, DECIMAL, BOOL -> {
        if (encoding == TextEncoding.UTF8) {
          CellText.append(row, cell, sink);
          yield null;
        }
        text.reset();
        CellText.append(row, cell, text);
        yield encoding.append(text.array(), 0, text.length(), sink);
      }
      case BINARY -> {
        sink.put(row.array(cell), row.offset(cell), row.length(cell));
        yield null;
      }
      case NUMBER, FLOAT, DOUBLE ->
          "is a floating-point number, which no key can be: " + CellText.of(row, cell);
      case NESTED -> "is an object or an array, which no key can be";
      case NULL -> "is null";
      case INVALID -> row.reason(cell);
    };
  }

  private void appendEscaped(ByteSink key, boolean separatorFollows) {
    byte[] bytes = component.array();
    int length = component.length();
    for (int i = 0; i < length; i++) {
      if (bytes[i] == ESCAPE || separatorBegins(bytes, i, length, separatorFollows)) {
        key.put(ESCAPE);
      }
      key.put(bytes[i]);
    }
    if (separatorFollows) {
      key.put(separator);
    }
  }

  /**
   * Whether the separator stands at {@code from} in the component and, if so, the separator behind
   * it.
   */
  private boolean separatorBegins(byte[] bytes, int from, int length, boolean separatorFollows) {
    for (int i = 0; i < separator.length; i++) {
      int at = from + i;
      if (at >= length && !separatorFollows) {
        return false;
      }
      byte seen = at < length ? bytes[at] : separator[at - length];
      if (seen != separator[i]) {
        return false;
      }
    }
    return true;
  }
}
