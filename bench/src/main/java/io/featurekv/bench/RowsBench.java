package io.featurekv.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.featurekv.bench.report.Table;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowProjection;
import io.featurekv.model.RowProjector;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import io.featurekv.model.RowWriter;
import io.featurekv.storage.NativeRowBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What typed rows cost beside JSON, in one thread: ten int64, ten float and a list of 64 floats.
 * Needs no arguments.
 */
public final class RowsBench {
  private static final int ROWS = 20_000;
  private static final int ROUNDS = 15;
  private static final int SCALARS = 10;
  private static final int ELEMENTS = 64;
  private static final JsonFactory JSON = new JsonFactory();

  private final RowSchema schema;
  private final long[][] whole = new long[ROWS][SCALARS];
  private final float[][] floats = new float[ROWS][SCALARS];
  private final float[][] lists = new float[ROWS][ELEMENTS];
  private final MemorySegment rows;
  private final MemorySegment target;
  private final int rowBytes;
  private final byte[][] texts = new byte[ROWS][];

  /** Where results go, so that nothing is left out. */
  private long sink;

  private RowsBench(Arena arena) throws IOException {
    List<RowColumn> columns = new ArrayList<>();
    for (int i = 0; i < SCALARS; i++) {
      columns.add(RowColumn.parse("whole" + i + ":int64"));
      columns.add(RowColumn.parse("float" + i + ":float"));
    }
    columns.add(RowColumn.parse("embedding:list<float>"));
    schema = RowSchema.of(columns);
    Random random = new Random(1);
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < SCALARS; i++) {
        whole[row][i] = random.nextInt(1_000_000);
        floats[row][i] = random.nextFloat();
      }
      for (int i = 0; i < ELEMENTS; i++) {
        lists[row][i] = random.nextFloat() - 0.5f;
      }
    }
    RowWriter writer = new RowWriter(schema);
    encode(writer, 0);
    rowBytes = writer.length();
    rows = arena.allocate((long) ROWS * rowBytes);
    target = arena.allocate(rowBytes);
    for (int row = 0; row < ROWS; row++) {
      encode(writer, row);
      long at = (long) row * rowBytes;
      MemorySegment.copy(
          MemorySegment.ofArray(writer.array()), writer.offset(), rows, at, writer.length());
      texts[row] = json(row);
    }
  }

  /** Prints the table. */
  public static void main(String[] arguments) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      System.out.print(new RowsBench(arena).run().text());
    }
  }

  private Table run() throws IOException {
    RowWriter writer = new RowWriter(schema);
    RowView view = new RowView(schema);
    RowProjector projector = new RowProjector();
    RowProjection three =
        RowProjection.of(schema, schema.indexesOf("t", List.of("float3", "whole7", "float9")));
    RowProjection list =
        RowProjection.of(schema, schema.indexesOf("t", List.of("whole1", "embedding")));
    RowProjection all = RowProjection.of(schema, schema.indexesOf("t", List.of()));
    Table table =
        new Table(
            "rows of 10 int64, 10 float and a list of 64 floats",
            List.of(new Table.Column("row", 1), new Table.Column("JSON", 1)));
    double textBytes = 0;
    for (byte[] text : texts) {
      textBytes += text.length;
    }
    table.add("bytes", List.of((double) rowBytes, textBytes / ROWS));
    table.add("encode, ns", List.of(nanos(row -> encode(writer, row)), nanos(row -> json(row))));
    table.add(
        "read all, ns", List.of(nanos(row -> readAll(view, row)), nanos(row -> parse(row, true))));
    table.add(
        "read three of them, ns",
        List.of(nanos(row -> readThree(view, row)), nanos(row -> parse(row, false))));
    table.add(
        "project to three, ns", List.of(nanos(row -> project(projector, three, row)), Double.NaN));
    table.add(
        "project to one and the list, ns",
        List.of(nanos(row -> project(projector, list, row)), Double.NaN));
    table.add(
        "project to all, ns", List.of(nanos(row -> project(projector, all, row)), Double.NaN));
    table.note("JSON by Jackson's streaming generator and parser, one object of each for a row.");
    table.note(
        "Reading three of JSON skips what stands before and stops at the last; sink " + sink);
    return table;
  }

  /** Something that is done with one row. */
  private interface Work {
    Object of(int row) throws IOException;
  }

  /** The best of some rounds over all rows, in nanoseconds a row. */
  private double nanos(Work work) throws IOException {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int row = 0; row < ROWS; row++) {
        sink += work.of(row).hashCode();
      }
      best = Math.min(best, (System.nanoTime() - start) / (double) ROWS);
    }
    return best;
  }

  private Integer encode(RowWriter writer, int row) {
    writer.begin();
    for (int i = 0; i < SCALARS; i++) {
      writer.setLong(2 * i, whole[row][i]);
      writer.setFloat(2 * i + 1, floats[row][i]);
    }
    writer.setFloats(2 * SCALARS, lists[row]);
    writer.finish();
    return writer.length();
  }

  private RowView viewOf(RowView view, int row) {
    return view.wrap(NativeRowBytes.ALL, rows.address() + (long) row * rowBytes, rowBytes);
  }

  private Double readAll(RowView view, int row) {
    viewOf(view, row);
    double sum = 0;
    for (int i = 0; i < SCALARS; i++) {
      sum += (double) view.getLong(2 * i) + view.getFloat(2 * i + 1);
    }
    int count = view.floatCount(2 * SCALARS);
    for (int i = 0; i < count; i++) {
      sum += view.getFloat(2 * SCALARS, i);
    }
    return sum;
  }

  private Double readThree(RowView view, int row) {
    viewOf(view, row);
    return (double) view.getFloat(7) + (double) view.getLong(14) + view.getFloat(19);
  }

  private Integer project(RowProjector projector, RowProjection projection, int row) {
    long at = rows.address() + (long) row * rowBytes;
    int length = projector.length(projection, NativeRowBytes.ALL, at, rowBytes);
    projector.write(
        projection, NativeRowBytes.ALL, at, rowBytes, NativeRowBytes.ALL, target.address());
    return length;
  }

  private byte[] json(int row) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      for (int i = 0; i < SCALARS; i++) {
        json.writeNumberField("whole" + i, whole[row][i]);
        json.writeNumberField("float" + i, floats[row][i]);
      }
      json.writeArrayFieldStart("embedding");
      for (float value : lists[row]) {
        json.writeNumber(value);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /** Adds numbers up: all, or those of three fields of which the last is "float9". */
  private Double parse(int row, boolean all) throws IOException {
    double sum = 0;
    try (JsonParser json = JSON.createParser(texts[row])) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken token = json.nextToken();
        if (all && token == JsonToken.START_ARRAY) {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            sum += json.getDoubleValue();
          }
        } else if (all || name.equals("float3") || name.equals("whole7")) {
          sum += json.getDoubleValue();
        } else if (name.equals("float9")) {
          return sum + json.getDoubleValue();
        }
      }
    }
    return sum;
  }
}
