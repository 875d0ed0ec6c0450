package io.featurekv.model;

import java.util.List;

/**
 * Where each column of one version of a schema lies in rows of it; the picture is on {@link
 * RowSchema}. Immutable.
 */
final class RowLayout {
  /** The two bytes that every row begins with. */
  static final int HEAD_BYTES = 2;

  /** High bits of the first byte: the layout that is described here. */
  static final int MAGIC = 0x10;

  /** Bit of the first byte: the bits of nulls are there. */
  static final int NULLS = 0x04;

  /** Low bits of the first byte: the power of two that is the width of an end. */
  static final int END_WIDTH_MASK = 0x03;

  /** Of no columns. */
  static final RowLayout NONE = new RowLayout(new RowType[0]);

  private final RowType[] types;
  // Variable: its number among those. Bool: its bit. Else its offset among the fixed slots.
  private final int[] places;

  /** Length of the bits of nulls, where they are. */
  final int nullBytes;

  /** How many columns are bools. */
  final int bools;

  /** Length of the bits of bools. */
  final int boolBytes;

  /** Length of the fixed slots. */
  final int fixedBytes;

  /** How many columns are variable. */
  final int variables;

  private RowLayout(RowType[] types) {
    this.types = types;
    places = new int[types.length];
    int bit = 0;
    int fixed = 0;
    int variable = 0;
    for (int i = 0; i < types.length; i++) {
      if (types[i].isVariable()) {
        places[i] = variable++;
      } else if (types[i] == RowType.BOOL) {
        places[i] = bit++;
      } else {
        places[i] = fixed;
        fixed += types[i].widthBytes();
      }
    }
    nullBytes = bitBytes(types.length);
    bools = bit;
    boolBytes = bitBytes(bit);
    fixedBytes = fixed;
    variables = variable;
  }

  /** Of the columns that this version of the schema has. */
  static RowLayout of(List<RowColumn> columns, int version) {
    int count = 0;
    while (count < columns.size() && columns.get(count).since() <= version) {
      count++;
    }
    RowType[] types = new RowType[count];
    for (int i = 0; i < count; i++) {
      types[i] = columns.get(i).typeIn(version);
    }
    return new RowLayout(types);
  }

  private static int bitBytes(int bits) {
    return (bits + 7) / 8;
  }

  /** How many columns there are. */
  int columns() {
    return types.length;
  }

  RowType type(int column) {
    return types[column];
  }

  int place(int column) {
    return places[column];
  }

  /**
   * Bytes of what tells where variable values end: of each but the last, which the row's end tells.
   */
  int endsBytes(int endWidth) {
    return variables < 2 ? 0 : (variables - 1) << endWidth;
  }

  /** The least width, as a power of two, of ends of values of so many bytes together. */
  static int endWidth(int dataBytes) {
    if (dataBytes <= 0xFF) {
      return 0;
    }
    return dataBytes <= 0xFFFF ? 1 : 2;
  }

  static int readEnd(RowBytes bytes, long at, int endWidth) {
    return switch (endWidth) {
      case 0 -> bytes.getByte(at) & 0xFF;
      case 1 -> bytes.getShort(at) & 0xFFFF;
      default -> bytes.getInt(at);
    };
  }

  static void writeEnd(RowBytes bytes, long at, int endWidth, int end) {
    switch (endWidth) {
      case 0 -> bytes.putByte(at, (byte) end);
      case 1 -> bytes.putShort(at, (short) end);
      default -> bytes.putInt(at, end);
    }
  }
}
