package io.featurekv.bench.engine;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Directories of built stores. */
public final class Directories {
  /** How often a directory is deleted that others write to. */
  private static final int MAX_ROUNDS = 10;

  private static final long PAUSE_MILLIS = 200;

  private Directories() {}

  /** Bytes of the files below a directory. */
  public static long diskBytes(Path directory) throws IOException {
    long bytes = 0;
    for (Path file : files(directory)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  /** The regular files below a directory. */
  public static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /**
   * Deletes a directory and what is in it, if it is there. Others may delete from it meanwhile, and
   * write to it for a moment, as processes do that are ended at the same time.
   *
   * @throws DirectoryNotEmptyException when others go on writing to it
   */
  public static void delete(Path directory) throws IOException {
    for (int round = 1; ; round++) {
      Deletion deletion = new Deletion();
      Files.walkFileTree(directory, deletion);
      DirectoryNotEmptyException left = deletion.left;
      if (left == null) {
        return;
      }
      if (round == MAX_ROUNDS) {
        throw left;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }
  }

  /** Deletes what it comes by. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    /** The last directory that got a file after it had been listed. */
    private @Nullable DirectoryNotEmptyException left;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
      if (error instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw error;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException error)
        throws IOException {
      if (error != null && !(error instanceof NoSuchFileException)) {
        throw error;
      }
      try {
        Files.deleteIfExists(visited);
      } catch (DirectoryNotEmptyException e) {
        left = e;
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
