package io.featurekv.cli.cluster;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Something that can be waited for. */
sealed interface WaitCondition {
  /**
   * Empty when it holds, else what is still missing.
   *
   * @throws FeatureKvException when it can never hold any more
   */
  Optional<String> missing(ClusterMetadata metadata);

  /** Nothing is degraded, neither in the cluster nor in any table. */
  record Healthy() implements WaitCondition {
    @Override
    public Optional<String> missing(ClusterMetadata metadata) {
      List<String> reasons = new ArrayList<>(ClusterHealth.clusterReasons(metadata));
      for (TableRecord table : metadata.tables().values()) {
        ClusterHealth.reasons(metadata, table)
            .forEach(reason -> reasons.add("table " + table.name() + ": " + reason));
      }
      if (metadata.nodes().isEmpty()) {
        reasons.add("no node has registered yet");
      }
      return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
    }
  }

  /** At least so many nodes are UP. */
  record Nodes(int count) implements WaitCondition {
    @Override
    public Optional<String> missing(ClusterMetadata metadata) {
      long up =
          metadata.nodes().values().stream().filter(node -> node.state() == NodeState.UP).count();
      return up >= count ? Optional.empty() : Optional.of(up + " of " + count + " nodes are up");
    }
  }

  /** A task has ended well. */
  record Task(String id) implements WaitCondition {
    @Override
    public Optional<String> missing(ClusterMetadata metadata) {
      TaskRecord task = metadata.tasks().get(id);
      if (task == null) {
        return Optional.of("there is no task " + id + " yet");
      }
      return switch (task.state()) {
        case ACTIVE, READY -> Optional.empty();
        case BUILDING, LOADING -> Optional.of("task " + id + " is " + task.state());
        case FAILED, CANCELLED ->
            throw new FeatureKvException(
                ErrorCode.CONFLICT, "task " + id + " is " + task.state() + ": " + task.reason());
      };
    }
  }

  /** A version can be read; if it is to become active by itself, it has. */
  record Version(String table, long number) implements WaitCondition {
    @Override
    public Optional<String> missing(ClusterMetadata metadata) {
      TableRecord record = metadata.tables().get(table);
      VersionRecord version = record == null ? null : record.versions().get(number);
      if (version == null) {
        return Optional.of("there is no version " + number + " of " + table + " yet");
      }
      String now = "version " + number + " of " + table + " is " + version.state();
      return switch (version.state()) {
        case ACTIVE, RETAINED, ROLLED_BACK -> Optional.empty();
        case READY -> version.activateWhenReady() ? Optional.of(now) : Optional.empty();
        case BUILDING, SEALED, LOADING -> Optional.of(now);
        case FAILED, DROPPED ->
            throw new FeatureKvException(
                ErrorCode.CONFLICT,
                now + (version.reason().isEmpty() ? "" : ": " + version.reason()));
      };
    }
  }

  /** Reads {@code healthy}, {@code nodes=N}, {@code task=ID} and {@code version=T:V}. */
  final class Word implements ITypeConverter<WaitCondition> {
    private static final Pattern NODES = Pattern.compile("nodes=(\\d{1,6})");
    private static final Pattern TASK = Pattern.compile("task=(\\S+)");
    private static final Pattern VERSION = Pattern.compile("version=([^:]+):(\\d{1,18})");

    @Override
    public WaitCondition convert(String word) {
      if (word.equals("healthy")) {
        return new Healthy();
      }
      Matcher nodes = NODES.matcher(word);
      if (nodes.matches()) {
        return new Nodes(Integer.parseInt(nodes.group(1)));
      }
      Matcher task = TASK.matcher(word);
      if (task.matches()) {
        return new Task(task.group(1));
      }
      Matcher version = VERSION.matcher(word);
      if (version.matches()) {
        return new Version(version.group(1), Long.parseLong(version.group(2)));
      }
      throw new TypeConversionException(
          "'" + word + "' is none of healthy, nodes=N, task=ID, version=TABLE:VERSION");
    }
  }
}
