package io.featurekv.node.build;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where this node keeps what it has read and built: {@code build/<hash of the task's id>/}. */
final class BuildDirectories {
  /** Runs of a task that failed are kept for so long: whoever retries it goes on from them. */
  static final long KEPT_AFTER_FAILURE_MILLIS = 3_600_000;

  private static final int NAME_CHARS = 24;
  private static final Logger LOG = LoggerFactory.getLogger(BuildDirectories.class);

  private final Path root;

  BuildDirectories(Path root) {
    this.root = root;
  }

  /** That of a task, whose id is chosen by users and so no name. */
  Path of(String taskId) {
    return root.resolve(name(taskId));
  }

  private static String name(String taskId) {
    byte[] digest = Digest.sha256().digest(taskId.getBytes(StandardCharsets.UTF_8));
    return Digest.of(digest).hex().substring(0, NAME_CHARS);
  }

  /** Deletes what no task needs any more, but for those that are in use. */
  void deleteUnneeded(ClusterMetadata metadata, Set<String> tasksInUse, long nowMillis) {
    if (!Files.isDirectory(root)) {
      return;
    }
    Set<String> needed = new HashSet<>();
    tasksInUse.forEach(task -> needed.add(name(task)));
    for (TaskRecord task : metadata.tasks().values()) {
      if (task.build() != null && isNeeded(task, nowMillis)) {
        needed.add(name(task.id()));
      }
    }
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
      for (Path directory : directories) {
        if (!needed.contains(String.valueOf(directory.getFileName()))) {
          LOG.info("removing {}: no task needs it any more", directory);
          deleteTree(directory);
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be cleared: {}", root, e.toString());
    }
  }

  private static boolean isNeeded(TaskRecord task, long nowMillis) {
    return task.state() == TaskState.BUILDING
        || (task.state() == TaskState.FAILED
            && nowMillis - task.updatedAtMillis() < KEPT_AFTER_FAILURE_MILLIS);
  }

  static void deleteTree(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> deepestFirst = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(deepestFirst::add);
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("{} could not be removed: {}", directory, e.toString());
    }
  }
}
