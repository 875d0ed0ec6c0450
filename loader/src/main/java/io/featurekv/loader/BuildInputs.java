package io.featurekv.loader;

import io.featurekv.loader.row.ColumnType;
import io.featurekv.loader.row.EntryShape;
import io.featurekv.loader.row.TextEncoding;
import io.featurekv.loader.source.Format;
import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Inputs;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.ReadOptions;
import io.featurekv.loader.source.RowSource;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowSchema;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sources of one build in input order, and the shape of the entries to make of their rows. */
final class BuildInputs {
  private static final String ROW = "row";
  private static final long MIN_FIELD_BYTES = 16 << 20;
  private static final long MAX_FIELD_BYTES = 160 << 20;

  /** So much longer than the longest value may a field be that is still read, to be rejected. */
  private static final int FIELD_PER_VALUE = 4;

  private final EntryShape shape;
  private final List<Input> inputs;

  private BuildInputs(EntryShape shape, List<Input> inputs) {
    this.shape = shape;
    this.inputs = inputs;
  }

  /** Finds the inputs and checks what can be checked without opening them. */
  static BuildInputs of(BuildSpec spec, InputStream stdin) {
    return of(spec.table(), spec.input(), spec.schema(), spec.maxValueBytes(), stdin);
  }

  /** The same, for a table whose rows have the columns of {@code schema}; null: no rows. */
  static BuildInputs of(
      String table,
      InputSpec input,
      @Nullable RowSchema schema,
      long maxValueBytes,
      InputStream stdin) {
    checkGeneratedAlone(input);
    boolean entries = Inputs.giveEntries(input.inputs());
    RowSchema rows = rows(table, input, schema, entries);
    boolean impliedKey = entries && input.keyColumns().isEmpty();
    boolean impliedValue = entries && input.valueColumn().isEmpty();
    EntryShape shape =
        new EntryShape(
            impliedKey ? List.of(Inputs.KEY_COLUMN) : input.keyColumns(),
            input.keySeparator(),
            TextEncoding.ofWord("key encoding", input.keyEncoding()),
            impliedValue ? Inputs.VALUE_COLUMN : input.valueColumn(),
            TextEncoding.ofWord("value encoding", input.valueEncoding()),
            input.deleteColumn(),
            input.expiresColumn(),
            maxValueBytes,
            entries ? List.of() : input.requiredColumns(),
            rows);
    ReadOptions options =
        options(input, rows, shape.neededColumns(), maxValueBytes, stdin);
    return new BuildInputs(shape, Inputs.find(input.inputs(), options));
  }

  /** The columns of the rows that are to be made; null where values are something else. */
  private static @Nullable RowSchema rows(
      String table, InputSpec input, @Nullable RowSchema schema, boolean entries) {
    boolean isRaw = entries || !input.valueColumn().isEmpty();
    String wanted = input.valueFormat();
    if (wanted.isEmpty()) {
      wanted = isRaw ? "raw" : schema != null ? ROW : "json";
    }
    if (wanted.equals(ROW) && isRaw) {
      throw refused("rows are made of the columns of files, not of one value column", table);
    }
    if (wanted.equals(ROW) && schema == null) {
      throw refused(
          "it has no columns to make rows of; create it with table create --columns", table);
    }
    if (!wanted.equals(ROW) && schema != null) {
      throw refused(
          "its values are rows of " + schema + "; load it with --value-format row", table);
    }
    return schema;
  }

  private static FeatureKvException refused(String what, String table) {
    return new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT, "table '" + table + "': " + what);
  }

  private static ReadOptions options(
      InputSpec input,
      @Nullable RowSchema rows,
      Set<String> columns,
      long maxValueBytes,
      InputStream stdin) {
    Map<String, ColumnType> types = new HashMap<>();
    if (rows != null) {
      rows.columns().forEach(column -> types.put(column.name(), ColumnType.inRow(column.type())));
    }
    input.types().forEach((column, word) -> types.put(column, ColumnType.ofWord(column, word)));
    long fieldBytes = Math.clamp(maxValueBytes * FIELD_PER_VALUE, MIN_FIELD_BYTES, MAX_FIELD_BYTES);
    return new ReadOptions(
        Format.ofWord(input.format()),
        input.allowIncomplete(),
        types,
        columns,
        (int) fieldBytes,
        maxValueBytes,
        stdin,
        input.types().keySet());
  }

  /** The inputs that are named, in their order; not to be read. */
  static List<Input> find(InputSpec input) {
    checkGeneratedAlone(input);
    return Inputs.find(input.inputs(), options(input, null, Set.of(), 0, InputStream.nullInputStream()));
  }

  /** The standard data set stands alone. */
  private static void checkGeneratedAlone(InputSpec input) {
    if (input.inputs().size() > 1
        && input.inputs().stream().anyMatch(GeneratedEntries::isAddress)) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "generated entries are loaded alone, not with other inputs: "
              + String.join(" ", input.inputs()));
    }
  }

  EntryShape shape() {
    return shape;
  }

  int count() {
    return inputs.size();
  }

  String name(int source) {
    return inputs.get(source).name();
  }

  List<Input> inputs() {
    return inputs;
  }

  /** Whether all of them can be read again, and elsewhere. */
  boolean isShared() {
    return inputs.stream().allMatch(Input::isShared);
  }

  RowSource open(Part part) throws IOException {
    return inputs.get(part.input()).open(part);
  }

  /** Bytes of all sources, -1 when that is not known. */
  long lengthBytes() {
    long sum = 0;
    for (Input input : inputs) {
      if (input.lengthBytes() < 0) {
        return -1;
      }
      sum += input.lengthBytes();
    }
    return sum;
  }
}
