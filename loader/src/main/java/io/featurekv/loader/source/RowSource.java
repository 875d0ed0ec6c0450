package io.featurekv.loader.source;

import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Rows with named columns, in order. Not thread-safe. */
public interface RowSource extends AutoCloseable {
  /** What messages call it: the path as it was given. */
  String name();

  /** The columns that every row has; null where each row has its own, or there are no rows. */
  @Nullable Columns columns();

  /**
   * The next row, null at the end. A row that cannot be read is a {@link Row#faulty} one.
   *
   * @throws io.featurekv.model.FeatureKvException when no further row can be read: the message says
   *     where
   */
  @Nullable Row next() throws IOException;

  /** Input bytes taken so far, of about as many as {@link InputFile#lengthBytes()}. */
  long bytesRead();

  @Override
  void close() throws IOException;
}
