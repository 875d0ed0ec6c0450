package io.featurekv.node.serving;

import io.featurekv.model.RowProjection;
import io.featurekv.model.RowSchema;
import org.jspecify.annotations.Nullable;

/** What values are wanted as, other than as they are stored. */
public sealed interface ValueForm {
  /**
   * Rows of some columns.
   *
   * @param projection what makes them; null: the table has no columns, and its values come as they
   *     are stored
   * @param names what was asked for, as {@link io.featurekv.protocol.ColumnNames}
   * @param shape what comes, as {@link io.featurekv.protocol.RowShape}
   */
  record Columns(@Nullable RowProjection projection, byte[] names, byte[] shape)
      implements ValueForm {}

  /** JSON objects, of rows of this schema. */
  record Json(RowSchema schema) implements ValueForm {}
}
