package io.featurekv.cli.load;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.table.TableOptionFlags;
import io.featurekv.metadata.Command.CreateTable;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.TableKind;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The table that something is loaded into. */
public final class TargetTable {
  private TargetTable() {}

  /**
   * Creates the table if it does not exist, and says so.
   *
   * @param kind of the table; null: it has to exist
   * @throws FeatureKvException NOT_FOUND where it does not exist and no kind is named, CONFLICT
   *     where it exists with another kind
   */
  public static void ensure(
      Session session, Cluster cluster, String name, @Nullable TableKind kind) {
    ensure(session, cluster, name, kind, List::of);
  }

  /**
   * Creates the table likewise.
   *
   * @param columns of its rows if it is created; none: its values are bytes
   */
  static void ensure(
      Session session,
      Cluster cluster,
      String name,
      @Nullable TableKind kind,
      Supplier<List<RowColumn>> columns) {
    TableRecord table = cluster.metadata().tables().get(name);
    if (table == null && kind == null) {
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND,
          "table "
              + name
              + " does not exist; create it with featurekv table create, or add --create mem, idx or blk");
    }
    if (table == null && kind != null) {
      cluster.propose(new CreateTable(name, kind, TableOptionFlags.DEFAULTS, columns.get()));
      session.message("created table " + name + " (" + kind.word() + ")");
    }
    if (table != null && kind != null && table.kind() != kind) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "table "
              + name
              + " exists with kind "
              + table.kind().word()
              + ", not "
              + kind.word()
              + " as --create says");
    }
  }
}
