package io.featurekv.node;

import io.featurekv.failpoint.Failpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Publishing small files whole: temporary name, write, force, rename, force the directory. */
public final class DurableFile {
  private DurableFile() {}

  /**
   * Replaces {@code target} by these bytes; after a crash it holds either the old ones or the new
   * ones.
   */
  public static void write(Path target, ByteBuffer bytes) throws IOException {
    Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    rename(temporary, target);
  }

  /** Renames a forced file onto its final name and forces the directory. */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Failpoint.FILE_AFTER_RENAME.hitWriting();
    forceDirectory(to);
  }

  /** Forces the directory that a file is in, so that its name is durable. */
  public static void forceDirectory(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
