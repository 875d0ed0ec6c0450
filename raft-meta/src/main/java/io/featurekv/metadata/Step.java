package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one command is applied to. A family looks records up here, and refuses by throwing
 * FeatureKvException; nothing has changed then.
 *
 * @param state the state before, with the index already advanced
 * @param nowMillis when the command was issued, the only time there is
 */
record Step(ClusterMetadata state, long index, long nowMillis) {
  /** How many versions that failed or were dropped a table tells of. */
  static final int MAX_ENDED_VERSIONS = 50;

  /** How many ended tasks of a table that the cluster built are told of split by split. */
  static final int MAX_DETAILED_TASKS = 3;

  /** Longest reason or description that is kept. */
  static final int MAX_TEXT_CHARS = 2_000;

  static FeatureKvException conflict(String message) {
    return new FeatureKvException(ErrorCode.CONFLICT, message);
  }

  static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }

  static FeatureKvException notFound(String message) {
    return new FeatureKvException(ErrorCode.NOT_FOUND, message);
  }

  /** The first {@code maxChars} of a text, never half of a surrogate pair. */
  static String cut(String text, int maxChars) {
    if (text.length() <= maxChars) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
    return text.substring(0, end);
  }

  /** The same command, applied to what a part of it has changed. */
  Step on(ClusterMetadata changed) {
    return new Step(changed, index, nowMillis);
  }

  Applied done(ClusterMetadata after, long version, int attempt) {
    return new Applied(after, CommandResult.done(index, version, attempt));
  }

  Applied done(ClusterMetadata after) {
    return done(after, 0, 0);
  }

  Applied refused(ErrorCode error, String message) {
    return new Applied(state, CommandResult.refused(index, error, message));
  }

  NodeRecord node(String nodeId) {
    NodeRecord node = state.nodes().get(nodeId);
    if (node == null) {
      throw notFound(
          "there is no node '" + cut(nodeId, 64) + "'; there are " + state.nodes().keySet());
    }
    return node;
  }

  TableRecord table(String name) {
    TableRecord table = state.tables().get(name);
    if (table == null) {
      throw notFound("there is no table '" + cut(name, 64) + "'");
    }
    return table;
  }

  VersionRecord version(TableRecord table, long number) {
    VersionRecord version = table.versions().get(number);
    if (version == null) {
      throw notFound(
          "table "
              + table.name()
              + " has no version "
              + number
              + (table.versions().isEmpty()
                  ? "; it has none yet"
                  : "; it has " + table.versions().keySet()));
    }
    return version;
  }

  /**
   * The task of this id, which must still be at this attempt: whoever works on another one must
   * stop.
   */
  TaskRecord task(String taskId, int attempt) {
    TaskRecord task = state.tasks().get(taskId);
    if (task == null) {
      throw notFound("there is no task '" + cut(taskId, 128) + "'");
    }
    if (task.attempt() != attempt) {
      throw conflict(
          "task " + taskId + " is at attempt " + task.attempt() + ", this is attempt " + attempt);
    }
    return task;
  }

  ClusterMetadata with(TableRecord table) {
    return state.withTables(SortedMaps.with(state.tables(), table.name(), withoutOldest(table)));
  }

  ClusterMetadata with(TableRecord table, @Nullable TaskRecord task) {
    ClusterMetadata after = with(table);
    return task == null ? after : after.withTasks(tasksWith(task));
  }

  ClusterMetadata with(TaskRecord task) {
    return state.withTasks(tasksWith(task));
  }

  /** A task that has ended is told of in full until there are newer ones of its table. */
  private SortedMap<String, TaskRecord> tasksWith(TaskRecord task) {
    SortedMap<String, TaskRecord> tasks = SortedMaps.with(state.tasks(), task.id(), task);
    if (task.build() == null || !task.state().isFinal()) {
      return tasks;
    }
    List<TaskRecord> detailed =
        tasks.values().stream()
            .filter(each -> each.table().equals(task.table()) && each.state().isFinal())
            .filter(each -> each.build() != null && each.build().isDetailed())
            .sorted(
                Comparator.comparingLong(TaskRecord::createdAtMillis)
                    .thenComparing(TaskRecord::id)
                    .reversed())
            .skip(MAX_DETAILED_TASKS)
            .toList();
    for (TaskRecord old : detailed) {
      ClusterBuild build = old.build();
      tasks.put(old.id(), build == null ? old : old.withBuild(build.figuresOnly()));
    }
    return tasks;
  }

  ClusterMetadata with(NodeRecord node) {
    return state.withNodes(SortedMaps.with(state.nodes(), node.id(), node));
  }

  private static TableRecord withoutOldest(TableRecord table) {
    long ended = table.versions().values().stream().filter(Step::isEnded).count();
    if (ended <= MAX_ENDED_VERSIONS) {
      return table;
    }
    SortedMap<Long, VersionRecord> versions = new TreeMap<>(table.versions());
    table.versions().values().stream()
        .filter(Step::isEnded)
        .limit(ended - MAX_ENDED_VERSIONS)
        .forEach(version -> versions.remove(version.number()));
    return table.withVersions(versions);
  }

  private static boolean isEnded(VersionRecord version) {
    return version.state() == VersionState.FAILED || version.state() == VersionState.DROPPED;
  }
}
