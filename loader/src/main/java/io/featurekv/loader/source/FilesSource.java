package io.featurekv.loader.source;

import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Files as rows of the columns key and value. */
final class FilesSource implements RowSource {
  private static final int KEY_CELL = 0;
  private static final int VALUE_CELL = 1;

  private final String name;
  private final Path directory;
  private final List<LocalFile> files;
  private final long maxValueBytes;
  private final int from;
  private final Columns columns = Columns.of(List.of(Inputs.KEY_COLUMN, Inputs.VALUE_COLUMN));
  private final Row row = new Row();
  private byte[] content = {};
  private int next;
  private long bytesRead;

  /**
   * Rows of some files.
   *
   * @param from index of the first one
   */
  FilesSource(String name, Path directory, List<LocalFile> files, long maxValueBytes, int from) {
    this.name = name;
    this.directory = directory;
    this.files = files;
    this.maxValueBytes = maxValueBytes;
    this.from = from;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Columns columns() {
    return columns;
  }

  @Override
  public boolean next() throws IOException {
    if (next == files.size()) {
      return false;
    }
    LocalFile file = files.get(next++);
    bytesRead += file.lengthBytes();
    if (file.lengthBytes() > maxValueBytes) {
      row.fail(
          next,
          "file "
              + file.name()
              + " has "
              + file.lengthBytes()
              + " bytes, more than the "
              + maxValueBytes
              + " that this table allows for a value");
      return true;
    }
    int length = (int) file.lengthBytes();
    read(file, length);
    byte[] key = keyOf(file.path()).getBytes(StandardCharsets.UTF_8);
    row.begin(columns, next);
    row.setText(KEY_CELL, key, 0, key.length);
    row.setBinary(VALUE_CELL, content, 0, length);
    return true;
  }

  private String keyOf(Path path) {
    String separator = path.getFileSystem().getSeparator();
    return directory.relativize(path).toString().replace(separator, "/");
  }

  private void read(LocalFile file, int length) throws IOException {
    if (content.length < length) {
      content = new byte[length];
    }
    try (InputStream in = file.open(0, length)) {
      int count = in.readNBytes(content, 0, length);
      if (count < length) {
        throw new FeatureKvException(
            ErrorCode.INVALID_ARGUMENT,
            file.name()
                + " ends after "
                + count
                + " bytes; it had "
                + length
                + " when the load began");
      }
    }
  }

  @Override
  public Row row() {
    return row;
  }

  @Override
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  public long startedAt() {
    return from;
  }

  @Override
  public long endedAt() {
    return (long) from + files.size();
  }

  @Override
  public long spanned() {
    return next;
  }

  @Override
  public void close() {}
}
