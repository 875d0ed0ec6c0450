package io.featurekv.client;

import io.featurekv.model.RowBytes;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowProjection;
import io.featurekv.model.RowProjector;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowWriter;
import io.featurekv.protocol.RowShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a scripted node answers for columns: each key's row tells of the key and the version. */
final class FakeRows {
  static final String COLUMNS = "name:string,born:int64,score:float=0.5,emb:list<float>?";

  private final RowSchema schema = RowSchema.of(RowColumn.parseAll(COLUMNS));
  private final RowProjection projection;
  private final RowProjector projector = new RowProjector();

  private FakeRows(String table, List<String> columns) {
    projection = RowProjection.of(schema, schema.indexesOf(table, columns));
  }

  /** Null: values are as they are, because nobody asks for columns, or the table has none. */
  static @Nullable FakeRows of(String table, @Nullable List<String> columns) {
    return columns == null || !table.startsWith("people") ? null : new FakeRows(table, columns);
  }

  static List<RowColumn> columnsOf(String table) {
    return table.startsWith("people") ? RowColumn.parseAll(COLUMNS) : List.of();
  }

  byte[] shapeBytes() {
    return RowShape.encode(projection.shape());
  }

  byte[] row(long version, String key) {
    RowWriter writer = new RowWriter(schema);
    writer.begin();
    writer.setString(0, key);
    writer.setLong(1, 1800 + version);
    if (!key.startsWith("b")) {
      writer.setFloats(3, new float[] {key.length(), 0.25f});
    }
    writer.finish();
    RowBytes source = RowBytes.of(writer.array());
    byte[] row = new byte[projector.length(projection, source, writer.offset(), writer.length())];
    projector.write(projection, source, writer.offset(), writer.length(), RowBytes.of(row), 0);
    return row;
  }
}
