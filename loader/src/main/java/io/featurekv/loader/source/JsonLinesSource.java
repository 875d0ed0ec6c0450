package io.featurekv.loader.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.CellType;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.row.Utf8Text;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line; empty lines are skipped. Numbers keep the way they are written, objects
 * and arrays become compact JSON.
 */
final class JsonLinesSource implements RowSource {
  private static final String NOT_UTF8 = "is not valid UTF-8";

  private final String name;
  private final LineReader lines;
  private final long end;
  private final boolean atStart;
  private final long startedAt;
  private final int maxLineBytes;
  private final JsonFactory factory;
  private final FieldNames names = new FieldNames();
  private final FlatJson flat = new FlatJson(names);
  private final Row row = new Row();

  /** Where nested values and texts that Jackson has read are written. */
  private final ByteSink written = new ByteSink();

  /**
   * Rows of lines that begin where the first row does.
   *
   * @param end as in {@link LineReader#next}
   */
  JsonLinesSource(String name, LineReader lines, long end, int maxLineBytes) {
    this.name = name;
    this.lines = lines;
    this.end = end;
    this.startedAt = lines.offset();
    this.atStart = startedAt == 0;
    this.maxLineBytes = maxLineBytes;
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
  public Row row() {
    return row;
  }

  @Override
  public boolean next() throws IOException {
    while (lines.next(end)) {
      byte[] bytes = lines.bytes();
      int start = lines.start();
      int length = lines.length();
      if (lines.isTooLong()) {
        row.fail(
            lines.number(), "the line has more than the " + maxLineBytes + " bytes that are read");
        return true;
      }
      if (atStart && lines.number() == 1 && startsWithByteOrderMark(bytes, start, length)) {
        start += 3;
        length -= 3;
      }
      if (!isBlank(bytes, start, length)) {
        parse(bytes, start, length);
        return true;
      }
    }
    return false;
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

  private void parse(byte[] bytes, int start, int length) {
    long number = lines.number();
    if (!Utf8Text.isValid(bytes, start, length)) {
      row.fail(number, "the line is not valid UTF-8");
      return;
    }
    if (flat.read(bytes, start, length, row, number)) {
      return;
    }
    try (JsonParser parser = factory.createParser(bytes, start, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        row.fail(number, "the line is not a JSON object");
        return;
      }
      parseObject(parser, number);
      if (parser.nextToken() != null) {
        row.fail(number, "the line goes on after its JSON object");
      }
    } catch (JsonProcessingException e) {
      row.fail(number, "malformed JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new AssertionError("nothing is read from outside memory", e);
    }
  }

  private void parseObject(JsonParser parser, long number) throws IOException {
    written.reset();
    FieldNames.Node node = names.none();
    boolean valid = true;
    int count = 0;
    String field = parser.nextFieldName();
    while (field != null) {
      valid &= isUtf8(field);
      node = node.with(field);
      parser.nextToken();
      row.room(count + 1);
      readCell(parser, row, count++);
      field = parser.nextFieldName();
    }
    if (!valid) {
      row.fail(number, "the name of a field is not valid UTF-8");
      return;
    }
    try {
      row.begin(node.columns(), number);
    } catch (IllegalArgumentException e) {
      row.fail(number, String.valueOf(e.getMessage()));
    }
  }

  private boolean isUtf8(String field) {
    int length = written.length();
    boolean valid = written.putUtf8(field);
    written.cut(length);
    return valid;
  }

  private void readCell(JsonParser parser, Row into, int cell) throws IOException {
    switch (parser.currentToken()) {
      case VALUE_STRING -> {
        int start = written.length();
        if (written.putUtf8(parser.getText())) {
          into.setText(cell, written.array(), start, written.length() - start);
        } else {
          into.setInvalid(cell, NOT_UTF8);
        }
      }
      case VALUE_NUMBER_INT -> {
        switch (parser.getNumberType()) {
          case INT, LONG -> into.setWhole(cell, parser.getLongValue());
          case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL ->
              into.setSlice(cell, CellType.BIG_WHOLE, parser.getText());
        }
      }
      case VALUE_NUMBER_FLOAT -> into.setSlice(cell, CellType.NUMBER, parser.getText());
      case VALUE_TRUE -> into.setBool(cell, true);
      case VALUE_FALSE -> into.setBool(cell, false);
      case VALUE_NULL -> into.setNull(cell);
      case START_OBJECT, START_ARRAY -> {
        int start = written.length();
        if (copy(parser)) {
          into.setSlice(cell, CellType.NESTED, written.array(), start, written.length() - start);
        } else {
          into.setInvalid(cell, NOT_UTF8);
        }
      }
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new AssertionError("no value: " + parser.currentToken());
    }
  }

  /** Copies the value the parser stands at; false if some text in it has no UTF-8 form. */
  private boolean copy(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      boolean valid = true;
      written.put('{');
      String field = parser.nextFieldName();
      for (int i = 0; field != null; i++) {
        if (i > 0) {
          written.put(',');
        }
        valid &= written.putJsonString(field);
        written.put(':');
        parser.nextToken();
        valid &= copy(parser);
        field = parser.nextFieldName();
      }
      written.put('}');
      return valid;
    }
    if (token == JsonToken.START_ARRAY) {
      boolean valid = true;
      written.put('[');
      JsonToken element = parser.nextToken();
      for (int i = 0; element != JsonToken.END_ARRAY; i++) {
        if (i > 0) {
          written.put(',');
        }
        valid &= copy(parser);
        element = parser.nextToken();
      }
      written.put(']');
      return valid;
    }
    return switch (token) {
      case VALUE_STRING -> written.putJsonString(parser.getText());
      case VALUE_NUMBER_INT -> {
        switch (parser.getNumberType()) {
          case INT, LONG -> written.putDecimal(parser.getLongValue());
          case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> written.putAscii(parser.getText());
        }
        yield true;
      }
      case VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> {
        written.putAscii(parser.getText());
        yield true;
      }
      case NOT_AVAILABLE,
          START_OBJECT,
          END_OBJECT,
          START_ARRAY,
          END_ARRAY,
          FIELD_NAME,
          VALUE_EMBEDDED_OBJECT ->
          throw new AssertionError("no value: " + token);
    };
  }

  @Override
  public long bytesRead() {
    return lines.bytesRead(startedAt);
  }

  @Override
  public long startedAt() {
    return startedAt;
  }

  @Override
  public long endedAt() {
    return lines.offset();
  }

  @Override
  public long spanned() {
    return lines.number();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
