package io.featurekv.node;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A node's data directory, locked for this process while it is open.
 *
 * <p>Layout: {@code node.json}, {@code node.lock}, {@code metadata.snapshot}, {@code
 * tables/<table>/<version>/<shard>.mdb} with {@code <shard>.pieces} beside each, {@code build/<hash
 * of a task's id>/}.
 */
final class DataDirectory implements AutoCloseable {
  private final Path root;
  private final FileChannel lockChannel;
  private final FileLock lock;

  private DataDirectory(Path root, FileChannel lockChannel, FileLock lock) {
    this.root = root;
    this.lockChannel = lockChannel;
    this.lock = lock;
  }

  /**
   * Creates the directory where it is missing and locks it.
   *
   * @throws FeatureKvException CONFLICT when another process has it, NO_SPACE or INTERNAL when it
   *     cannot be written
   */
  static DataDirectory lock(Path root) {
    try {
      Files.createDirectories(root.resolve("tables"));
      FileChannel channel =
          FileChannel.open(
              root.resolve("node.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw new FeatureKvException(
            ErrorCode.CONFLICT,
            "data directory " + root + " is in use by another featurekv process");
      }
      return new DataDirectory(root, channel, lock);
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INTERNAL, "data directory " + root + " cannot be used: " + e, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  Path tables() {
    return root.resolve("tables");
  }

  /** Where builds that the cluster shares have their runs. */
  Path build() {
    return root.resolve("build");
  }

  Path identityFile() {
    return root.resolve("node.json");
  }

  Path metadataSnapshot() {
    return root.resolve("metadata.snapshot");
  }

  @Override
  public void close() {
    try {
      lock.release();
      lockChannel.close();
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, "lock of " + root + ": " + e, e);
    }
  }
}
