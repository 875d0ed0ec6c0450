package io.featurekv.cli.session;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.admin.ClusterAdmin.MetadataView;
import java.util.Collection;
import java.util.stream.Collectors;

/** The cluster as a command sees it: one state, looked at once, and the way to change it. */
public final class Cluster implements AutoCloseable {
  private static final int MAX_NAMES_SHOWN = 20;

  private final ClusterAdmin admin;
  private final MetadataView view;

  Cluster(ClusterAdmin admin, MetadataView view) {
    this.admin = admin;
    this.view = view;
  }

  /** The state with who told it. */
  public MetadataView view() {
    return view;
  }

  public ClusterMetadata metadata() {
    return view.metadata();
  }

  public ClusterAdmin admin() {
    return admin;
  }

  /** Changes the metadata; blocks until that is in force. */
  public CommandResult propose(Command command) {
    return admin.propose(command);
  }

  /**
   * A table by its name.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for what cannot be a name, NOT_FOUND for what is
   *     none, saying which there are
   */
  public TableRecord table(String name) {
    return tableOf(metadata(), name);
  }

  /** {@link #table} of any state. */
  public static TableRecord tableOf(ClusterMetadata metadata, String name) {
    TableRecord table = metadata.tables().get(TableName.checked("table", name));
    if (table == null) {
      throw notFound("table " + name + " does not exist", "tables", metadata.tables().keySet());
    }
    return table;
  }

  /**
   * A version of a table.
   *
   * @throws FeatureKvException NOT_FOUND, saying which there are
   */
  public static VersionRecord versionOf(TableRecord table, long number) {
    VersionRecord version = table.versions().get(number);
    if (version == null) {
      throw notFound(
          "table " + table.name() + " has no version " + number,
          "versions",
          table.versions().keySet());
    }
    return version;
  }

  /**
   * A task by its id.
   *
   * @throws FeatureKvException NOT_FOUND
   */
  public TaskRecord task(String id) {
    TaskRecord task = metadata().tasks().get(id);
    if (task == null) {
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND,
          "task " + id + " does not exist; featurekv task list shows those there are");
    }
    return task;
  }

  private static FeatureKvException notFound(String what, String things, Collection<?> there) {
    String names =
        there.stream()
            .limit(MAX_NAMES_SHOWN)
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    String more = there.size() > MAX_NAMES_SHOWN ? ", ..." : "";
    return new FeatureKvException(
        ErrorCode.NOT_FOUND,
        what
            + (there.isEmpty()
                ? "; there are no " + things
                : "; there are the " + things + " " + names + more));
  }

  @Override
  public void close() {
    admin.close();
  }
}
