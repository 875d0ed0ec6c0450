package io.featurekv.loader.source;

import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of a part of an input, in order. Not thread-safe. */
public interface RowSource extends AutoCloseable {
  /** What messages call it: the input as it was written. */
  String name();

  /** The columns that every row has; null where each row has its own, or there are no rows. */
  @Nullable Columns columns();

  /**
   * Moves to the next row; false at the end. A row that cannot be read has a {@link Row#fault}.
   *
   * @throws io.featurekv.model.FeatureKvException when no further row can be read: the message says
   *     where
   */
  boolean next() throws IOException;

  /**
   * The row that {@link #next} moved to: always the same object, which is filled anew. Cells of
   * columns that are not needed may be null whatever they are.
   */
  Row row();

  /** Input bytes taken so far, of about as many as {@link Part#lengthBytes}. */
  long bytesRead();

  /** Where the part really begins; known once it is open, even when a row cannot be read. */
  long startedAt();

  /** After the last row: where the next part has to begin. */
  long endedAt();

  /**
   * After the last row: how many lines (of text) or rows (else) the part has, so that rows of later
   * parts can be numbered.
   */
  long spanned();

  @Override
  void close() throws IOException;
}
