package io.featurekv.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;

/** Writes entries of the standard data set to files, which are forced to the disk. */
final class EntryFiles {
  /** Of keys and values, before it is written. */
  static final long ROW_GROUP_BYTES = 128L << 20;

  private static final int KEY = 0;
  private static final int CSV_BUFFER_BYTES = 1 << 20;

  private EntryFiles() {}

  /**
   * Writes entries as CSV: a heading, then the key and the value in base64.
   *
   * @param written is told of every entry
   */
  static void writeCsv(Path file, InputPlan plan, long first, long count, Runnable written)
      throws IOException {
    StandardSet set = new StandardSet(plan.valueBytes());
    byte[] key = new byte[StandardSet.KEY_BYTES];
    ByteBuffer value = ByteBuffer.allocate(plan.valueBytes()).order(ByteOrder.LITTLE_ENDIAN);
    byte[] text = new byte[(plan.valueBytes() + 2) / 3 * 4];
    ByteBuffer lines = ByteBuffer.allocate(CSV_BUFFER_BYTES + plan.csvLineBytes());
    lines.put(
        (InputPlan.KEY_COLUMN + "," + InputPlan.VALUE_COLUMN + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long entry = first; entry < first + count; entry++) {
        StandardSet.writeKey(entry, key);
        set.putValue(entry, plan.version(), value.clear());
        int length = Base64.getEncoder().encode(value.array(), text);
        lines.put(key).put((byte) ',').put(text, 0, length).put((byte) '\n');
        if (lines.position() >= CSV_BUFFER_BYTES) {
          drain(lines, channel);
        }
        written.run();
      }
      drain(lines, channel);
      channel.force(true);
    }
  }

  private static void drain(ByteBuffer lines, FileChannel channel) throws IOException {
    lines.flip();
    while (lines.hasRemaining()) {
      channel.write(lines);
    }
    lines.clear();
  }

  /**
   * Writes entries as Parquet, in row groups of {@link #ROW_GROUP_BYTES}.
   *
   * @param written is told of every entry
   */
  static void writeParquet(Path file, InputPlan plan, long first, long count, Runnable written)
      throws IOException {
    writeParquet(file, plan, first, count, written, ROW_GROUP_BYTES / plan.parquetRowBytes());
  }

  /** {@link #writeParquet} in row groups of so many rows, one at least. */
  static void writeParquet(
      Path file, InputPlan plan, long first, long count, Runnable written, long groupRows)
      throws IOException {
    StandardSet set = new StandardSet(plan.valueBytes());
    byte[] key = new byte[StandardSet.KEY_BYTES];
    ParquetFileWriter.Cells cells =
        (column, entry, page) -> {
          if (column == KEY) {
            StandardSet.writeKey(entry, key);
            page.put(key);
          } else {
            set.putValue(entry, plan.version(), page);
            written.run();
          }
        };
    long perGroup = Math.max(1, groupRows);
    try (ParquetFileWriter writer =
        ParquetFileWriter.create(
            file,
            List.of(
                new ParquetFileWriter.Column(InputPlan.KEY_COLUMN, true),
                new ParquetFileWriter.Column(InputPlan.VALUE_COLUMN, false)),
            Math.max(StandardSet.KEY_BYTES, plan.valueBytes()))) {
      for (long row = first; row < first + count; row += perGroup) {
        writer.writeRowGroup(row, Math.min(perGroup, first + count - row), cells);
      }
      writer.finish();
    }
  }
}
