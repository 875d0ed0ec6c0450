package io.featurekv.loader;

import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One build: which version of which table, from what, within which bounds.
 *
 * @param blockEntries kind {@code blk}: entries of a block
 * @param entryTtlMillis how long after the writing of shard files has begun an entry expires that
 *     does not say so itself; 0 for never
 * @param lastDuplicateWins true: the last row of a key in input order wins and the others are
 *     counted; false: a duplicate is a rejected row
 * @param maxRejected rejected rows that are let pass, as a count, or as a percentage of all rows
 *     when {@code maxRejectedIsPercent}
 * @param rejectsFile where every rejected row goes as JSON lines, or null
 * @param allowEmpty whether no entries at all is fine
 * @param memoryBytes bound on the memory of sorting and building, outside the heap
 * @param directory where sorted runs and shard files go; created; the caller deletes it
 * @param resumable whether a build that was cut short goes on from what it left in {@code
 *     directory}, and leaves there what another attempt can go on from
 * @param schema the columns of the table's rows, which the values become; null: values are bytes
 */
public record BuildSpec(
    String table,
    TableKind kind,
    long version,
    int shards,
    UpdateMode mode,
    long maxValueBytes,
    int blockEntries,
    long entryTtlMillis,
    InputSpec input,
    boolean lastDuplicateWins,
    double maxRejected,
    boolean maxRejectedIsPercent,
    @Nullable Path rejectsFile,
    boolean allowEmpty,
    long memoryBytes,
    Path directory,
    boolean resumable,
    @Nullable RowSchema schema) {
  /** Of a table whose values are bytes. */
  public BuildSpec(
      String table,
      TableKind kind,
      long version,
      int shards,
      UpdateMode mode,
      long maxValueBytes,
      int blockEntries,
      long entryTtlMillis,
      InputSpec input,
      boolean lastDuplicateWins,
      double maxRejected,
      boolean maxRejectedIsPercent,
      @Nullable Path rejectsFile,
      boolean allowEmpty,
      long memoryBytes,
      Path directory,
      boolean resumable) {
    this(
        table,
        kind,
        version,
        shards,
        mode,
        maxValueBytes,
        blockEntries,
        entryTtlMillis,
        input,
        lastDuplicateWins,
        maxRejected,
        maxRejectedIsPercent,
        rejectsFile,
        allowEmpty,
        memoryBytes,
        directory,
        resumable,
        null);
  }

  /** What tells the schemas of a table apart: which one the rows of two builds were written in. */
  String schemaText() {
    return schema == null ? "" : schema.version() + ":" + schema;
  }
}
