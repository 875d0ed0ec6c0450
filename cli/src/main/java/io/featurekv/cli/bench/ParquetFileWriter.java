package io.featurekv.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a Parquet file of columns of bytes, as little of the format as the data set needs: every
 * column is an optional BYTE_ARRAY (which is what Spark and Arrow write) without nulls, plain,
 * uncompressed, in pages of version 1.
 *
 * <pre>
 * file   := "PAR1" (column chunk)*  footer  i32 footer length  "PAR1"
 * column chunk := page*
 * page   := header (Thrift)  i32 length of levels  levels  (i32 length, bytes)*
 * levels := varint (cells &lt;&lt; 1)  0x01                        one run: no cell is null
 * </pre>
 *
 * Nothing of a row group is kept in memory but one page: its columns are asked for one after the
 * other. Not thread-safe.
 */
final class ParquetFileWriter implements AutoCloseable {
  /** What a page holds before it is written, give or take a cell. */
  static final int PAGE_BYTES = 1 << 20;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_LEVEL_BYTES = 16;
  private static final int LEVELS_LENGTH_BYTES = 4;

  // Numbers of parquet.thrift.
  private static final int BYTE_ARRAY = 6;
  private static final int OPTIONAL = 1;
  private static final int UTF8 = 0;
  private static final int LOGICAL_STRING = 1;
  private static final int PLAIN = 0;
  private static final int RLE = 3;
  private static final int UNCOMPRESSED = 0;
  private static final int DATA_PAGE = 0;

  private final FileChannel channel;
  private final List<Column> columns;
  private final ByteBuffer page;
  private final ByteBuffer levels =
      ByteBuffer.allocate(MAX_LEVEL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final List<ThriftStruct> rowGroups = new ArrayList<>();
  private long position;
  private long rowCount;

  /** A column; text is marked as such. */
  record Column(String name, boolean isText) {}

  /** Knows every cell. */
  @FunctionalInterface
  interface Cells {
    /** Puts the bytes of a cell into a buffer, which is little-endian and has room. */
    void put(int column, long row, ByteBuffer page);
  }

  private ParquetFileWriter(FileChannel channel, List<Column> columns, int maxCellBytes) {
    this.channel = channel;
    this.columns = List.copyOf(columns);
    this.page =
        ByteBuffer.allocateDirect(PAGE_BYTES + Integer.BYTES + maxCellBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Begins a file that is not there yet.
   *
   * @param maxCellBytes of the longest cell
   */
  static ParquetFileWriter create(Path file, List<Column> columns, int maxCellBytes)
      throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      ParquetFileWriter writer = new ParquetFileWriter(channel, columns, maxCellBytes);
      writer.write(ByteBuffer.wrap(MAGIC));
      return writer;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Adds the rows from {@code firstRow} on as one row group. */
  void writeRowGroup(long firstRow, long rows, Cells cells) throws IOException {
    long start = position;
    List<ThriftStruct> chunks = new ArrayList<>();
    for (int column = 0; column < columns.size(); column++) {
      chunks.add(writeChunk(column, firstRow, rows, cells));
    }
    rowGroups.add(
        new ThriftStruct().structs(1, chunks).i64(2, position - start).i64(3, rows).i64(5, start));
    rowCount += rows;
  }

  private ThriftStruct writeChunk(int column, long firstRow, long rows, Cells cells)
      throws IOException {
    long start = position;
    page.clear();
    int inPage = 0;
    for (long row = firstRow; row < firstRow + rows; row++) {
      int at = page.position();
      cells.put(column, row, page.position(at + Integer.BYTES));
      page.putInt(at, page.position() - at - Integer.BYTES);
      inPage++;
      if (page.position() >= PAGE_BYTES) {
        writePage(inPage);
        inPage = 0;
      }
    }
    if (inPage > 0) {
      writePage(inPage);
    }
    long bytes = position - start;
    ThriftStruct chunk =
        new ThriftStruct()
            .i32(1, BYTE_ARRAY)
            .i32s(2, List.of(PLAIN, RLE))
            .texts(3, List.of(columns.get(column).name()))
            .i32(4, UNCOMPRESSED)
            .i64(5, rows)
            .i64(6, bytes)
            .i64(7, bytes)
            .i64(9, start);
    return new ThriftStruct().i64(2, start).struct(3, chunk);
  }

  private void writePage(int cells) throws IOException {
    levels.clear().position(LEVELS_LENGTH_BYTES);
    int run = cells << 1;
    while ((run & ~0x7F) != 0) {
      levels.put((byte) ((run & 0x7F) | 0x80));
      run >>>= 7;
    }
    levels.put((byte) run).put((byte) 1).flip();
    levels.putInt(0, levels.limit() - LEVELS_LENGTH_BYTES);
    page.flip();
    int bytes = levels.remaining() + page.remaining();
    ThriftStruct data = new ThriftStruct().i32(1, cells).i32(2, PLAIN).i32(3, RLE).i32(4, RLE);
    ThriftStruct header =
        new ThriftStruct().i32(1, DATA_PAGE).i32(2, bytes).i32(3, bytes).struct(5, data);
    write(ByteBuffer.wrap(header.bytes()));
    write(levels);
    write(page);
    page.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Writes the footer and forces the file to the disk. Without it, the file is none. */
  void finish() throws IOException {
    List<ThriftStruct> schema = new ArrayList<>();
    schema.add(new ThriftStruct().text(4, "entries").i32(5, columns.size()));
    for (Column column : columns) {
      ThriftStruct element =
          new ThriftStruct().i32(1, BYTE_ARRAY).i32(3, OPTIONAL).text(4, column.name());
      if (column.isText()) {
        element
            .i32(6, UTF8)
            .struct(10, new ThriftStruct().struct(LOGICAL_STRING, new ThriftStruct()));
      }
      schema.add(element);
    }
    byte[] footer =
        new ThriftStruct()
            .i32(1, 1)
            .structs(2, schema)
            .i64(3, rowCount)
            .structs(4, rowGroups)
            .text(6, "featurekv")
            .bytes();
    write(ByteBuffer.wrap(footer));
    write(
        ByteBuffer.allocate(Integer.BYTES + MAGIC.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(footer.length)
            .put(MAGIC)
            .flip());
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
