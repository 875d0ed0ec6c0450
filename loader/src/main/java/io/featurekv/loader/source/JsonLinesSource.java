package io.featurekv.loader.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.Cell;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.row.Utf8Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line; empty lines are skipped. Numbers keep the way they are written, objects
 * and arrays become compact JSON.
 */
final class JsonLinesSource implements RowSource {
  /** How many different lists of names it remembers. */
  private static final int MAX_LAYOUTS = 1024;

  /** A line may hold several fields and escapes: this many times the longest field. */
  private static final int LINE_PER_FIELD = 2;

  private final String name;
  private final InputStream in;
  private final LineReader lines;
  private final int maxLineBytes;
  private final JsonFactory factory;
  private final Map<List<String>, Columns> layouts = new HashMap<>();
  private final ByteSink nested = new ByteSink();
  private Columns layout = Columns.of(List.of());
  private Cell[] cells = new Cell[16];

  JsonLinesSource(String name, InputStream in, int maxFieldChars) {
    this.name = name;
    this.in = in;
    this.maxLineBytes = (int) Math.min((long) maxFieldChars * LINE_PER_FIELD, 1 << 29);
    this.lines = new LineReader(in, maxLineBytes);
    this.factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxStringLength(maxLineBytes).build())
            .build();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable Columns columns() {
    return null;
  }

  @Override
  public @Nullable Row next() throws IOException {
    while (lines.next()) {
      int start = lines.start();
      int length = lines.length();
      if (lines.number() == 1 && startsWithByteOrderMark(lines.buffer(), start, length)) {
        start += 3;
        length -= 3;
      }
      if (lines.isTooLong()) {
        return Row.faulty(
            lines.number(), "the line has more than the " + maxLineBytes + " bytes that are read");
      }
      if (!isBlank(lines.buffer(), start, length)) {
        return parse(lines.buffer(), start, length);
      }
    }
    return null;
  }

  private static boolean startsWithByteOrderMark(byte[] bytes, int start, int length) {
    return length >= 3
        && bytes[start] == (byte) 0xEF
        && bytes[start + 1] == (byte) 0xBB
        && bytes[start + 2] == (byte) 0xBF;
  }

  private static boolean isBlank(byte[] bytes, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private Row parse(byte[] bytes, int start, int length) {
    long number = lines.number();
    if (!isUtf8(bytes, start, length)) {
      return Row.faulty(number, "the line is not valid UTF-8");
    }
    try (JsonParser parser = factory.createParser(bytes, start, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Row.faulty(number, "the line is not a JSON object");
      }
      Row row = parseObject(parser, number);
      if (parser.nextToken() != null) {
        return Row.faulty(number, "the line goes on after its JSON object");
      }
      return row;
    } catch (JsonProcessingException e) {
      return Row.faulty(number, "malformed JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new AssertionError("nothing is read from outside memory", e);
    }
  }

  private Row parseObject(JsonParser parser, long number) throws IOException {
    List<String> names = null;
    int count = 0;
    String field = parser.nextFieldName();
    while (field != null) {
      if (names == null && (count >= layout.size() || !layout.names().get(count).equals(field))) {
        names = new ArrayList<>(layout.names().subList(0, count));
      }
      if (names != null) {
        names.add(field);
      }
      parser.nextToken();
      if (count == cells.length) {
        cells = Arrays.copyOf(cells, count * 2);
      }
      cells[count++] = cellOf(parser);
      field = parser.nextFieldName();
    }
    if (names == null && count < layout.size()) {
      names = new ArrayList<>(layout.names().subList(0, count));
    }
    if (names != null) {
      try {
        layout = layoutOf(names);
      } catch (IllegalArgumentException e) {
        return Row.faulty(number, String.valueOf(e.getMessage()));
      }
    }
    return Row.of(layout, Arrays.copyOf(cells, count), number);
  }

  private Columns layoutOf(List<String> names) {
    Columns known = layouts.get(names);
    if (known != null) {
      return known;
    }
    ByteSink text = new ByteSink();
    for (String field : names) {
      if (!text.putUtf8(field)) {
        throw new IllegalArgumentException("the name of a field is not valid UTF-8");
      }
    }
    if (layouts.size() >= MAX_LAYOUTS) {
      layouts.clear();
    }
    Columns columns = Columns.of(names);
    layouts.put(columns.names(), columns);
    return columns;
  }

  private Cell cellOf(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> new Cell.Text(parser.getText());
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT, LONG -> new Cell.Whole(parser.getLongValue());
            case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> new Cell.Exact(parser.getText(), true);
          };
      case VALUE_NUMBER_FLOAT -> new Cell.Floating(parser.getText());
      case VALUE_TRUE -> Cell.TRUE;
      case VALUE_FALSE -> Cell.FALSE;
      case VALUE_NULL -> Cell.NULL;
      case START_OBJECT, START_ARRAY -> {
        nested.reset();
        yield copy(parser)
            ? new Cell.Nested(nested.toByteArray())
            : new Cell.Invalid("is not valid UTF-8");
      }
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new AssertionError("no value: " + parser.currentToken());
    };
  }

  /** Copies the value the parser stands at; false if some text in it has no UTF-8 form. */
  private boolean copy(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      boolean valid = true;
      nested.put('{');
      String field = parser.nextFieldName();
      for (int i = 0; field != null; i++) {
        if (i > 0) {
          nested.put(',');
        }
        valid &= nested.putJsonString(field);
        nested.put(':');
        parser.nextToken();
        valid &= copy(parser);
        field = parser.nextFieldName();
      }
      nested.put('}');
      return valid;
    }
    if (token == JsonToken.START_ARRAY) {
      boolean valid = true;
      nested.put('[');
      JsonToken element = parser.nextToken();
      for (int i = 0; element != JsonToken.END_ARRAY; i++) {
        if (i > 0) {
          nested.put(',');
        }
        valid &= copy(parser);
        element = parser.nextToken();
      }
      nested.put(']');
      return valid;
    }
    return EntryMapper.writeJson(cellOf(parser), nested) == null;
  }

  private static boolean isUtf8(byte[] bytes, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (bytes[i] < 0) {
        return Utf8Text.isValid(bytes, start, length);
      }
    }
    return true;
  }

  @Override
  public long bytesRead() {
    return lines.bytesRead();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
