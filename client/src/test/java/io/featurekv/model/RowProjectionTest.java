package io.featurekv.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Projects rows of random schemas and compares with the rows themselves. */
class RowProjectionTest {
  private static final int ROUNDS = 300;
  private static final int PAD = 3;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void projectionsHaveWhatTheRowsHave() {
    for (int round = 0; round < ROUNDS; round++) {
      List<RowSchema> history = history();
      RowSchema newest = history.get(history.size() - 1);
      byte[] row = row(history.get(random.nextInt(history.size())));
      int[] columns = someColumns(newest);
      String what =
          "seed %d round %d: %s of %s".formatted(seed, round, Arrays.toString(columns), newest);
      RowProjection projection = RowProjection.of(newest, columns);
      byte[] projected = project(projection, row);
      RowView before = new RowView(newest).wrap(RowBytes.of(row), 0, row.length);
      RowView after =
          new RowView(projection.shape()).wrap(RowBytes.of(projected), 0, projected.length);
      for (int i = 0; i < columns.length; i++) {
        assertThat(text(after, i)).as(what).isEqualTo(text(before, columns[i]));
      }
      // It is what the writer makes of the same values, so that equal rows have equal bytes.
      assertThat(projected).as(what).isEqualTo(written(projection.shape(), after));
    }
  }

  private static String text(RowView row, int column) {
    StringBuilder out = new StringBuilder();
    RowJson.appendValue(row, column, out);
    return out.toString();
  }

  /** Projects between places in larger arrays, so that a byte beside the row is missed. */
  private static byte[] project(RowProjection projection, byte[] row) {
    byte[] source = new byte[row.length + 2 * PAD];
    System.arraycopy(row, 0, source, PAD, row.length);
    RowProjector projector = new RowProjector();
    int length = projector.length(projection, RowBytes.of(source), PAD, row.length);
    byte[] target = new byte[length + 2 * PAD];
    Arrays.fill(target, (byte) 0xEE);
    projector.write(projection, RowBytes.of(source), PAD, row.length, RowBytes.of(target), PAD);
    for (int i = 0; i < PAD; i++) {
      assertThat(target[i]).isEqualTo((byte) 0xEE);
      assertThat(target[target.length - 1 - i]).isEqualTo((byte) 0xEE);
    }
    return Arrays.copyOfRange(target, PAD, PAD + length);
  }

  @Test
  void takesNoDamageFromDamagedRows() {
    for (int round = 0; round < ROUNDS; round++) {
      RowSchema schema = history().get(0);
      byte[] row = row(schema);
      row[random.nextInt(row.length)] ^= (byte) (1 << random.nextInt(8));
      byte[] cut = Arrays.copyOf(row, random.nextInt(row.length + 1));
      for (byte[] damaged : List.of(row, cut)) {
        RowProjection projection = RowProjection.of(schema, someColumns(schema));
        int length = new RowProjector().length(projection, RowBytes.of(damaged), 0, damaged.length);
        if (length != RowProjector.NO_ROW) {
          // Whatever it says, all of it comes out of the row.
          byte[] target = new byte[length];
          new RowProjector()
              .write(projection, RowBytes.of(damaged), 0, damaged.length, RowBytes.of(target), 0);
        }
      }
    }
  }

  private List<RowSchema> history() {
    List<RowColumn> columns = new ArrayList<>();
    int count = 1 + random.nextInt(20);
    for (int i = 0; i < count; i++) {
      columns.add(column("c" + i, random.nextBoolean()));
    }
    List<RowSchema> history = new ArrayList<>(List.of(RowSchema.of(columns)));
    for (int version = 2; version < 2 + random.nextInt(4); version++) {
      RowSchema last = history.get(history.size() - 1);
      List<RowColumn> changes = new ArrayList<>();
      for (RowColumn column : last.columns()) {
        if (column.type() == RowType.FLOAT && random.nextInt(3) == 0) {
          changes.add(new RowColumn(column.name(), RowType.DOUBLE, false, null));
        }
      }
      changes.add(column("v" + version, true));
      history.add(last.evolve("t", last.with(changes)));
    }
    return history;
  }

  private RowColumn column(String name, boolean hasDefault) {
    RowType type = RowType.ofCode(1 + random.nextInt(RowType.values().length));
    String value =
        switch (type) {
          case INT64 -> String.valueOf(random.nextInt());
          case DOUBLE, FLOAT -> String.valueOf(random.nextInt(1000) / 8.0);
          case BOOL -> String.valueOf(random.nextBoolean());
          case STRING -> "x".repeat(random.nextInt(9));
          case BYTES -> "AAEC";
          case FLOAT_LIST -> "[1.0,2.0]";
        };
    return !hasDefault
        ? new RowColumn(name, type, false, null)
        : new RowColumn(name, type, random.nextBoolean(), value);
  }

  private int[] someColumns(RowSchema schema) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < schema.columns().size(); i++) {
      all.add(i);
    }
    if (random.nextInt(4) > 0) {
      Collections.shuffle(all, random);
    }
    return all.stream().limit(1 + random.nextInt(all.size())).mapToInt(i -> i).toArray();
  }

  private byte[] row(RowSchema schema) {
    RowWriter writer = new RowWriter(schema);
    int longest = random.nextInt(20) == 0 ? 40_000 : 40;
    writer.begin();
    for (int i = 0; i < schema.columns().size(); i++) {
      RowColumn column = schema.columns().get(i);
      if (column.nullable() && random.nextInt(3) == 0) {
        writer.setNull(i);
        continue;
      }
      switch (column.type()) {
        case INT64 -> writer.setLong(i, random.nextLong());
        case DOUBLE -> writer.setDouble(i, random.nextDouble());
        case FLOAT -> writer.setFloat(i, random.nextFloat());
        case BOOL -> writer.setBoolean(i, random.nextBoolean());
        case STRING -> writer.setString(i, "é".repeat(random.nextInt(longest)));
        case BYTES -> {
          byte[] bytes = new byte[random.nextInt(longest)];
          random.nextBytes(bytes);
          writer.setBytes(i, bytes, 0, bytes.length);
        }
        case FLOAT_LIST -> {
          writer.beginFloats(i);
          for (int j = random.nextInt(20); j > 0; j--) {
            writer.addFloat(random.nextFloat());
          }
        }
      }
    }
    writer.finish();
    return writer.toBytes();
  }

  private static byte[] written(RowSchema shape, RowView row) {
    RowWriter writer = new RowWriter(shape);
    writer.begin();
    for (int i = 0; i < shape.columns().size(); i++) {
      if (row.isNull(i)) {
        writer.setNull(i);
        continue;
      }
      switch (shape.columns().get(i).type()) {
        case INT64 -> writer.setLong(i, row.getLong(i));
        case DOUBLE -> writer.setDouble(i, row.getDouble(i));
        case FLOAT -> writer.setFloat(i, row.getFloat(i));
        case BOOL -> writer.setBoolean(i, row.getBoolean(i));
        case STRING -> writer.setString(i, row.getString(i));
        case BYTES -> {
          byte[] bytes = row.getBytes(i);
          writer.setBytes(i, bytes, 0, bytes.length);
        }
        case FLOAT_LIST -> writer.setFloats(i, row.getFloats(i));
      }
    }
    writer.finish();
    return writer.toBytes();
  }
}
