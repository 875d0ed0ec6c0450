package io.featurekv.loader.row;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a source.
 *
 * @param cells one per column
 * @param number where it stands: the line it starts in, or the row, from 1
 * @param fault why the row could not be read; columns and cells mean nothing then
 */
public record Row(Columns columns, Cell[] cells, long number, @Nullable String fault) {
  private static final Columns NONE = Columns.of(List.of());
  private static final Cell[] NO_CELLS = {};

  /** A row that was read. */
  public static Row of(Columns columns, Cell[] cells, long number) {
    return new Row(columns, cells, number, null);
  }

  /** A row that could not be read. */
  public static Row faulty(long number, String fault) {
    return new Row(NONE, NO_CELLS, number, fault);
  }
}
