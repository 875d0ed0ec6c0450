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
              : append(row.cells()[positions[i]], sink);
      if (fault != null) {
        return "key column '" + shape.keyColumns().get(i) + "' " + fault;
      }
      if (positions.length > 1) {
        appendEscaped(key, i + 1 < positions.length);
      }
    }
    if (key.length() == 0) {
      return "the key is empty";
    }
    if (key.length() > Limits.MAX_KEY_BYTES) {
      return "the key has "
          + key.length()
          + " bytes, more than the "
          + Limits.MAX_KEY_BYTES
          + " that a key may have";
    }
    return null;
  }

  private @Nullable String append(Cell cell, ByteSink sink) {
    TextEncoding encoding = shape.keyEncoding();
    return switch (cell) {
      case Cell.Text text -> encoding.append(text.text(), sink);
      case Cell.Whole whole -> encoding.append(Long.toString(whole.value()), sink);
      case Cell.Exact exact -> encoding.append(exact.text(), sink);
      case Cell.Bool bool -> encoding.append(Boolean.toString(bool.value()), sink);
      case Cell.Binary binary -> {
        sink.put(binary.bytes());
        yield null;
      }
      case Cell.Floating floating ->
          "is a floating-point number, which no key can be: " + floating.text();
      case Cell.Nested _ -> "is an object or an array, which no key can be";
      case Cell.Null _ -> "is null";
      case Cell.Invalid invalid -> invalid.reason();
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
