package io.featurekv.loader.source;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Row;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A column of a Parquet file whose cells are made without an object of a value, batch by batch. */
final class ParquetColumn {
  private static final byte[] NO_BYTES = {};

  private final ColumnReader reader;
  private final Kind kind;
  private final @Nullable ParquetText text;
  private final int cell;
  private Validity validity = Validity.NO_NULLS;
  private boolean hasNulls;
  private boolean[] bools = {};
  private int[] ints = {};
  private long[] longs = {};
  private float[] floats = {};
  private double[] doubles = {};
  private byte[] bytes = NO_BYTES;
  private int[] offsets = {};

  /** What its values are. */
  enum Kind {
    BOOL,
    INT,
    UNSIGNED_INT,
    LONG,
    UNSIGNED_LONG,
    FLOAT,
    DOUBLE,
    BINARY,
    TEXT,
    /** Numbers of 32 bits, of 64 bits and bytes that {@link ParquetText} makes text of. */
    INT_AS_TEXT,
    LONG_AS_TEXT,
    BINARY_AS_TEXT;

    /** The kind of a field; null where its values become objects. */
    static @Nullable Kind of(SchemaNode field) {
      if (!(field instanceof SchemaNode.PrimitiveNode primitive)
          || field.maxRepetitionLevel() > 0
          || field.maxDefinitionLevel() > 1) {
        return null;
      }
      if (ParquetText.of(primitive) != null) {
        return switch (primitive.type()) {
          case INT32 -> INT_AS_TEXT;
          case INT64 -> LONG_AS_TEXT;
          case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY, INT96 -> BINARY_AS_TEXT;
          case BOOLEAN, FLOAT, DOUBLE -> null;
        };
      }
      LogicalType logical = primitive.logicalType();
      if (logical == null) {
        return switch (primitive.type()) {
          case BOOLEAN -> BOOL;
          case INT32 -> INT;
          case INT64 -> LONG;
          case FLOAT -> FLOAT;
          case DOUBLE -> DOUBLE;
          case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> BINARY;
          case INT96 -> null;
        };
      }
      boolean wide =
          switch (primitive.type()) {
            case INT64 -> true;
            default -> false;
          };
      return switch (logical) {
        case LogicalType.IntType integer when integer.isSigned() -> wide ? LONG : INT;
        case LogicalType.IntType _ -> wide ? UNSIGNED_LONG : UNSIGNED_INT;
        case LogicalType.StringType _, LogicalType.EnumType _, LogicalType.JsonType _ -> TEXT;
        default -> null;
      };
    }
  }

  /**
   * A column that goes into a cell.
   *
   * @param field of a kind
   */
  ParquetColumn(ColumnReader reader, SchemaNode field, int cell) {
    Kind known = Kind.of(field);
    if (known == null) {
      throw new AssertionError("not plain: " + field.name());
    }
    this.reader = reader;
    this.kind = known;
    this.text = field instanceof SchemaNode.PrimitiveNode plain ? ParquetText.of(plain) : null;
    this.cell = cell;
  }

  /** Takes the batch that the reader stands at. */
  void take() {
    validity = reader.getLeafValidity();
    hasNulls = validity.hasNulls();
    switch (kind) {
      case BOOL -> bools = reader.getBooleans();
      case INT, UNSIGNED_INT, INT_AS_TEXT -> ints = reader.getInts();
      case LONG, UNSIGNED_LONG, LONG_AS_TEXT -> longs = reader.getLongs();
      case FLOAT -> floats = reader.getFloats();
      case DOUBLE -> doubles = reader.getDoubles();
      case BINARY, TEXT, BINARY_AS_TEXT -> {
        bytes = reader.getBinaryValues();
        offsets = reader.getBinaryOffsets();
      }
    }
  }

  /** Sets its cell to the value at an index of the batch. */
  void read(Row row, int index) {
    if (hasNulls && validity.isNull(index)) {
      row.setNull(cell);
      return;
    }
    switch (kind) {
      case BOOL -> row.setBool(cell, bools[index]);
      case INT -> row.setWhole(cell, ints[index]);
      case UNSIGNED_INT -> row.setWhole(cell, Integer.toUnsignedLong(ints[index]));
      case LONG -> row.setWhole(cell, longs[index]);
      case UNSIGNED_LONG -> ParquetCells.setLong(row, cell, longs[index], true);
      case FLOAT -> ParquetCells.setFloat(row, cell, floats[index]);
      case DOUBLE -> ParquetCells.setDouble(row, cell, doubles[index]);
      case BINARY ->
          row.setBinary(cell, bytes, offsets[index], offsets[index + 1] - offsets[index]);
      case TEXT ->
          ParquetCells.setBytes(
              row, cell, true, bytes, offsets[index], offsets[index + 1] - offsets[index]);
      case INT_AS_TEXT -> writer().set(row, cell, ints[index]);
      case LONG_AS_TEXT -> writer().set(row, cell, longs[index]);
      case BINARY_AS_TEXT ->
          writer().set(row, cell, bytes, offsets[index], offsets[index + 1] - offsets[index]);
    }
  }

  private ParquetText writer() {
    return Objects.requireNonNull(text);
  }
}
