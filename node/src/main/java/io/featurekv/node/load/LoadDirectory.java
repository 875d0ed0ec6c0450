package io.featurekv.node.load;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one task's build on this machine, under the temporary directory of loads. One
 * process has it at a time, by a lock that ends with the process. A task that can go on finds it
 * again. Whoever loads next deletes those of processes that are gone: of loads that nobody can come
 * back to at once, others after {@link #FORGOTTEN_AFTER}.
 *
 * <p>Invariants: the mark that nobody can come back lies only in a directory that was locked
 * before, so that one that has it and can be locked is of a process that is gone. A lock file is
 * opened only by whoever has its directory in {@link #TAKEN}: closing any descriptor of a file ends
 * all locks on it that the process has (POSIX, fcntl).
 */
public final class LoadDirectory implements AutoCloseable {
  static final Duration FORGOTTEN_AFTER = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(LoadDirectory.class);
  private static final String PREFIX = "featurekv-load-";
  private static final String LOCK = "lock";
  private static final String OF_ONE_RUN = "of-one-run";

  /** Real paths of directories that loads of this process have, or look at. */
  private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Lock lock;
  private boolean kept;

  private LoadDirectory(Path path, Lock lock) {
    this.path = path;
    this.lock = lock;
  }

  /** On a directory, against other processes and other loads of this one. */
  private record Lock(Path realPath, FileChannel file) implements AutoCloseable {
    /** Returns null where somebody else has it. */
    static @Nullable Lock take(Path directory) throws IOException {
      Path realPath = directory.toRealPath();
      if (!TAKEN.add(realPath)) {
        return null;
      }
      FileChannel file = null;
      boolean isTaken = false;
      try {
        file =
            FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        isTaken = file.tryLock() != null;
        return isTaken ? new Lock(realPath, file) : null;
      } finally {
        if (!isTaken) {
          if (file != null) {
            file.close();
          }
          TAKEN.remove(realPath);
        }
      }
    }

    @Override
    public void close() throws IOException {
      if (file.isOpen()) {
        try {
          file.close();
        } finally {
          TAKEN.remove(realPath);
        }
      }
    }
  }

  /**
   * Makes the directory, or finds it again.
   *
   * @param resumable whether another process may come back to it
   * @throws FeatureKvException CONFLICT when another process works on the task here
   */
  public static LoadDirectory open(Path temporary, String taskId, boolean resumable) {
    Path path = temporary.resolve(PREFIX + fileName(taskId));
    try {
      Files.createDirectories(path);
      Lock lock = Lock.take(path);
      if (lock == null) {
        throw new FeatureKvException(
            ErrorCode.CONFLICT,
            "another process on this machine works on task " + taskId + " in " + path);
      }
      try {
        mark(path.resolve(OF_ONE_RUN), resumable);
        deleteForgotten(temporary, path);
        return new LoadDirectory(path, lock);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
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

  private static void mark(Path ofOneRun, boolean resumable) throws IOException {
    if (resumable) {
      Files.deleteIfExists(ofOneRun);
    } else if (!Files.exists(ofOneRun)) {
      Files.createFile(ofOneRun);
    }
  }

  private static void deleteForgotten(Path temporary, Path own) throws IOException {
    try (DirectoryStream<Path> others = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path other : others) {
        if (!other.equals(own) && isForgotten(other)) {
          deleteUnlessLocked(other);
        }
      }
    }
  }

  /** Whether nobody comes back to it, unless somebody is at work there now. */
  private static boolean isForgotten(Path directory) {
    long before = System.currentTimeMillis() - FORGOTTEN_AFTER.toMillis();
    try {
      return Files.exists(directory.resolve(OF_ONE_RUN))
          || Files.getLastModifiedTime(directory).toMillis() < before;
    } catch (IOException e) {
      // Whoever it belongs to has just deleted it.
      return false;
    }
  }

  private static void deleteUnlessLocked(Path directory) {
    try (Lock lock = Lock.take(directory)) {
      // Looked at again under the lock: a task may have come back to it meanwhile.
      if (lock != null && isForgotten(directory)) {
        LOG.info("{} of a load that nobody comes back to is deleted", directory);
        deleteTree(directory);
      }
    } catch (AccessDeniedException | NoSuchFileException e) {
      LOG.debug("{} is of another user, or gone: {}", directory, e.toString());
    } catch (IOException e) {
      LOG.warn("{} of an earlier load stays: {}", directory, e.toString());
    }
  }

  public Path path() {
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
      lock.close();
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
