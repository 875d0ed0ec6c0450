package io.featurekv.node.load;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one task's build on this machine, under the temporary directory of loads. One
 * process has it at a time. A task that can go on finds it again; those that nobody came back to
 * for {@link #FORGOTTEN_AFTER} are deleted by whoever loads next.
 */
final class LoadDirectory implements AutoCloseable {
  static final Duration FORGOTTEN_AFTER = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(LoadDirectory.class);
  private static final String PREFIX = "featurekv-load-";
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lockFile;
  private boolean kept;

  private LoadDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Makes the directory, or finds it again.
   *
   * @throws FeatureKvException CONFLICT when another process works on the task here
   */
  static LoadDirectory open(Path temporary, String taskId) {
    Path path = temporary.resolve(PREFIX + fileName(taskId));
    try {
      Files.createDirectories(path);
      FileChannel lockFile = lock(path);
      if (lockFile == null) {
        throw new FeatureKvException(
            ErrorCode.CONFLICT,
            "another process on this machine works on task " + taskId + " in " + path);
      }
      deleteForgotten(temporary, path);
      return new LoadDirectory(path, lockFile);
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INTERNAL, path + " (--temp-dir): " + e.getMessage(), e);
    }
  }

  /** Task ids are chosen by users. */
  private static String fileName(String taskId) {
    boolean plain = taskId.matches("[A-Za-z0-9._-]{1,100}");
    return plain ? taskId : "x" + Integer.toHexString(taskId.hashCode()) + "-" + taskId.length();
  }

  private static @Nullable FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another load of this process has it.
    }
    channel.close();
    return null;
  }

  private static void deleteForgotten(Path temporary, Path own) throws IOException {
    long before = System.currentTimeMillis() - FORGOTTEN_AFTER.toMillis();
    try (DirectoryStream<Path> others = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path other : others) {
        boolean old = Files.getLastModifiedTime(other).toMillis() < before;
        FileChannel lock = old && !other.equals(own) ? lock(other) : null;
        if (lock != null) {
          LOG.info("{} of a load that nobody came back to is deleted", other);
          deleteTree(other);
          lock.close();
        }
      }
    }
  }

  Path path() {
    return path;
  }

  /** Leaves the files for another attempt. */
  void keep() {
    kept = true;
  }

  /** Deletes the directory unless it is kept, and lets others have it. */
  @Override
  public void close() {
    if (!kept) {
      deleteTree(path);
    }
    try {
      lockFile.close();
    } catch (IOException e) {
      LOG.warn("{} could not be closed: {}", path, e.toString());
    }
  }

  private static void deleteTree(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("{} could not be removed: {}", directory, e.toString());
    }
  }
}
